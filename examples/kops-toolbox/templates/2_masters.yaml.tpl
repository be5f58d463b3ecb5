{{- range $zone, $_ := .subnets }}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  labels:
    kops.k8s.io/cluster: {{ $.clusterName }}
  name: master-{{ $zone }}
spec:
  image: {{ $.image }}
  machineType: {{ $.master_type }}
  maxSize: 1
  minSize: 1
  role: Master
  subnets:
  - {{ $zone }}
{{- end }}
