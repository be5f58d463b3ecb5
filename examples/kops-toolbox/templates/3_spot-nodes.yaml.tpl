{{- range $index, $group := .spot_nodes }}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  labels:
    kops.k8s.io/cluster: {{ $.clusterName }}
  name: {{ printf "spot-%s" $index | lower | replace "_" "-" }}
spec:
  cloudLabels:
    k8s.io/cluster-autoscaler/enabled: "true"
    k8s.io/cluster-autoscaler/{{ $.clusterName }}: "true"
  image: {{ $.image }}
  machineType: c5.4xlarge
  maxSize: {{ $group.max }}
  minSize: {{ $group.min }}
  mixedInstancesPolicy:
    instances:
    {{ if eq $index "4x_32Gb" }}
    {{ include "spot_4x_32Gb_machine_type.yaml" $ | indent 4 }}
    {{ end }}
    onDemandAboveBase: 0
    onDemandBase: 0
    spotAllocationStrategy: capacity-optimized
  nodeLabels:
    lifecycle: spot
  role: Node
  subnets:
  {{- range $group.az }}
  - {{ . }}
  {{- end }}
{{- end }}
