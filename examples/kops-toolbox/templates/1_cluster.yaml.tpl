apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata:
  name: {{ .clusterName }}
spec:
  api:
    loadBalancer:
      class: Network
      type: Public
  authorization:
    rbac: {}
  channel: stable
  cloudLabels:
    {{- range $key, $value := .tags }}
    {{ $key }}: {{ $value | quote }}
    {{- end }}
  cloudProvider: aws
  configBase: {{ .state_store }}/{{ .clusterName }}
  etcdClusters:
  {{- range $cluster := list "main" "events" }}
  - name: {{ $cluster }}
    etcdMembers:
    {{- range $zone, $_ := $.subnets }}
    - instanceGroup: master-{{ $zone }}
      name: {{ trimPrefix $.region $zone }}
    {{- end }}
  {{- end }}
  kubeControllerManager:
    horizontalPodAutoscalerDownscaleStabilization: {{ .hpa_downscale_stabilization }}
  kubeDNS:
    {{ include "dns.yaml" . | indent 4 }}
  kubernetesVersion: {{ .kubernetes_version }}
  networkCIDR: {{ .network_cidr }}
  networking:
    calico: {}
  nonMasqueradeCIDR: 100.64.0.0/10
  rollingUpdate:
    maxSurge: {{ .max_surge }}
  subnets:
  {{- range $zone, $subnet := .subnets }}
  - cidr: {{ $subnet.private }}
    name: {{ $zone }}
    type: Private
    zone: {{ $zone }}
  - cidr: {{ $subnet.utility }}
    name: utility-{{ $zone }}
    type: Utility
    zone: {{ $zone }}
  {{- end }}
  topology:
    dns:
      type: Public
