{{- range $index, $group := .on_demand_nodes }}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  labels:
    kops.k8s.io/cluster: {{ $.clusterName }}
  name: {{ printf "on-demand-%s" $index | lower | replace "_" "-" }}
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
    {{ include (printf "spot_%s_machine_type.yaml" $index) $ | indent 4 }}
    onDemandAboveBase: 100
  nodeLabels:
    lifecycle: on-demand
  role: Node
  subnets:
  {{- range $group.az }}
  - {{ . }}
  {{- end }}
{{- end }}
