# Brings each node to the launch template of its Auto Scaling group, one node at a time: docs/decisions/0019. It may be
# interrupted and run again at any moment, and beside itself: it goes through the nodes in the same order each time, and takes
# none away while another one is missing.
#
# Set: NODES (a line each: a node's name and its group), HOST and POD (the node and the name of this pod), AWS_DEFAULT_REGION.
# shellcheck shell=bash disable=SC2016
# For tests: API and SECRETS (the Kubernetes API, and the folder of the service account), WAIT the seconds between two looks,
# the limits in looks, MESSAGE the file that Kubernetes reads the last words from.
set -euo pipefail
API=${API:-https://${KUBERNETES_SERVICE_HOST:-}:${KUBERNETES_SERVICE_PORT:-}}
SECRETS=${SECRETS:-/var/run/secrets/kubernetes.io/serviceaccount}
MESSAGE=${MESSAGE:-/dev/termination-log}
WAIT=${WAIT:-10}
# How many looks the others may need to be whole, pods to leave, an instance to come back as a Ready node, its pods to be ready.
OTHERS=${OTHERS:-90} DRAIN=${DRAIN:-90} ARRIVE=${ARRIVE:-150} SETTLE=${SETTLE:-120}
# So many looks in a row must find every pod ready: those of a new node come one after the other.
CALM=${CALM:-3}
# The Job does not count a pod that ends with this: another one goes on elsewhere.
HAND_OVER=75
# What this script has begun with a node: "draining" the old one, "settling" on the new one.
MARK=bpa.cisco.com/roll
export AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=10 AWS_PAGER=
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

log() { echo "$*"; }
die() {
  log "$*" >&2
  echo "$*" >"$MESSAGE"
  exit 1
}
hand_over() {
  log "$*"
  exit "$HAND_OVER"
}

# api METHOD PATH [TYPE BODY] asks Kubernetes: the answer is in $TMP/answer, its status in STATUS.
api() {
  local arguments=(-sS -m 60 --cacert "$SECRETS/ca.crt" -o "$TMP/answer" -w '%{http_code}' -X "$1")
  if (($# > 2)); then arguments+=(-H "Content-Type: $3" --data-binary "$4"); fi
  # The token comes anew each time: kubelet renews its file. It is no argument, which others could read.
  STATUS=$(printf 'header = "Authorization: Bearer %s"\n' "$(<"$SECRETS/token")" | curl -K - "${arguments[@]}" "$API$2") || STATUS=000
}

# list PATH FILE keeps what Kubernetes lists.
list() {
  local tries
  for ((tries = 0; tries < 30; tries++)); do
    api GET "$1"
    if [[ $STATUS == 200 ]]; then
      mv "$TMP/answer" "$TMP/$2"
      return
    fi
    sleep "$WAIT"
  done
  die "Kubernetes does not answer $1: $STATUS $(head -c 500 "$TMP/answer" 2>/dev/null || true)"
}

# cloud ARGUMENT… asks AWS. Rights that were given a moment ago are not known everywhere.
cloud() {
  local tries
  for ((tries = 0; tries < 12; tries++)); do
    if aws --output json "$@" >"$TMP/cloud" 2>"$TMP/refusal"; then
      cat "$TMP/cloud"
      return
    fi
    if ! grep -q 'AccessDenied\|UnauthorizedOperation\|not authorized\|Could not connect\|Unable to locate credentials' "$TMP/refusal"; then break; fi
    sleep "$WAIT"
  done
  die "aws $1 $2: $(tr '\n' ' ' <"$TMP/refusal")"
}

# look reads nodes, the pods that have not ended, and the groups, as they are now.
look() {
  local group groups=()
  while read -r _ group; do groups+=("$group"); done <<<"$NODES"
  list /api/v1/nodes nodes
  list '/api/v1/pods?fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed' pods
  cloud autoscaling describe-auto-scaling-groups --auto-scaling-group-names "${groups[@]}" >"$TMP/groups"
}

# find NODE GROUP tells of the last look: INSTANCE is what the group keeps now, in STATE, launched from version HAVE of TEMPLATE,
# where WANT is the group's; HAVE is - where it is another template. OBJECT is its node in Kubernetes, MARKED what this script has
# begun with it. Each is - where there is none.
find() {
  read -r INSTANCE STATE TEMPLATE HAVE WANT < <(jq -r --arg group "$2" '
    .AutoScalingGroups[] | select(.AutoScalingGroupName == $group) | .LaunchTemplate as $template
    | ([.Instances[] | select(.LifecycleState | startswith("Terminat") | not)][0] // {}) as $instance
    | [$instance.InstanceId // "-", $instance.LifecycleState // "-", $template.LaunchTemplateId,
      (if $instance.LaunchTemplate.LaunchTemplateId == $template.LaunchTemplateId then $instance.LaunchTemplate.Version else "-" end),
      $template.Version] | join(" ")' "$TMP/groups") || die "$1: there is no Auto Scaling group $2"
  read -r OBJECT READY MARKED < <(jq -r --arg node "$1" --arg instance "$INSTANCE" --arg mark "$MARK" '
    ([.items[] | select(.metadata.labels.name == $node and ((.spec.providerID // "") | endswith("/" + $instance)))][0] // {})
    | [.metadata.name // "-", ([.status.conditions[]? | select(.type == "Ready")][0].status // "-"),
      .metadata.annotations[$mark] // "-"] | join(" ")' "$TMP/nodes")
}

# templates keeps the versions from HAVE to WANT.
templates() {
  local from=$HAVE to=$WANT
  if ((from > to)); then from=$WANT to=$HAVE; fi
  cloud ec2 describe-launch-template-versions --launch-template-id "$TEMPLATE" --min-version "$from" --max-version "$to" >"$TMP/versions"
}

# boots_alike: the instance that runs would be launched in the same way today, its tags left aside.
boots_alike() {
  if [[ $INSTANCE == - || $HAVE == - ]]; then return 1; fi
  if [[ $HAVE == "$WANT" ]]; then return 0; fi
  templates
  jq -e --argjson have "$HAVE" --argjson want "$WANT" '
    def boot($version): [.LaunchTemplateVersions[] | select(.VersionNumber == $version) | .LaunchTemplateData | del(.TagSpecifications)];
    (boot($have) | length) > 0 and boot($have) == boot($want)' "$TMP/versions" >/dev/null
}

# unready NODE lists the pods that are on a node, or wait for it by its label, and are not ready.
unready() {
  jq -r --arg node "$1" --arg object "$OBJECT" --arg pod "$POD" '
    def waits: .spec.nodeSelector.name == $node
      or any(.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[]?.matchExpressions[]?;
        .key == "name" and .operator == "In" and any(.values[]; . == $node));
    [.items[] | select(.metadata.deletionTimestamp == null and .metadata.name != $pod)
      | select(if .spec.nodeName then .spec.nodeName == $object else waits end)
      | select(any(.status.conditions[]?; .type == "Ready" and .status == "True") | not)
      | .metadata.namespace + "/" + .metadata.name] | join(", ")' "$TMP/pods"
}

# missing NODE GROUP says what a node lacks, or nothing.
missing() {
  local pods
  find "$1" "$2"
  if [[ $INSTANCE == - ]]; then
    echo "$1 has no instance"
  elif [[ $OBJECT == - ]]; then
    echo "$1's instance $INSTANCE ($STATE) has not joined the cluster"
  elif [[ $READY != True || $STATE != InService ]]; then
    echo "$1 ($OBJECT, $INSTANCE, $STATE) is not Ready"
  else
    pods=$(unready "$1")
    if [[ -n $pods ]]; then echo "pods of $1 are not ready: $pods"; fi
  fi
}

# require_others NODE: a node goes only while all the others are there, with their pods.
require_others() {
  local tries name group lack
  for ((tries = 0; tries < OTHERS; tries++)); do
    lack=
    while read -r name group; do
      if [[ $name != "$1" ]]; then lack=${lack:-$(missing "$name" "$group")}; fi
    done <<<"$NODES"
    if [[ -z $lack ]]; then return; fi
    sleep "$WAIT"
    look
  done
  die "$1 was not touched: $lack"
}

# annotate OBJECT VALUE UNSCHEDULABLE
annotate() {
  api PATCH "/api/v1/nodes/$1" application/merge-patch+json \
    "{\"metadata\":{\"annotations\":{\"$MARK\":$2}},\"spec\":{\"unschedulable\":$3}}"
  if [[ $STATUS != 200 && $STATUS != 404 ]]; then die "node $1 cannot be changed: $STATUS $(head -c 500 "$TMP/answer")"; fi
}

# drain NODE asks for each pod to leave, as its disruption budget allows. Those of DaemonSets stay, and this one.
drain() {
  local tries namespace pod leaving refusal='' left=''
  for ((tries = 0; tries < DRAIN; tries++)); do
    jq -r --arg object "$OBJECT" --arg pod "$POD" '
      .items[] | select(.spec.nodeName == $object and .metadata.name != $pod)
      | select(any(.metadata.ownerReferences[]?; .kind == "DaemonSet") | not)
      | select(.metadata.annotations["kubernetes.io/config.mirror"] == null)
      | [.metadata.namespace, .metadata.name, .metadata.deletionTimestamp // "-"] | join(" ")' "$TMP/pods" >"$TMP/leaving"
    if [[ ! -s $TMP/leaving ]]; then return; fi
    left=
    while read -r namespace pod leaving; do
      left="$left${left:+, }$namespace/$pod"
      if [[ $leaving != - ]]; then continue; fi
      api POST "/api/v1/namespaces/$namespace/pods/$pod/eviction" application/json \
        "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"namespace\":\"$namespace\",\"name\":\"$pod\"}}"
      if [[ $STATUS != 2* && $STATUS != 404 ]]; then refusal=": $STATUS $(jq -r '.message // ""' "$TMP/answer" 2>/dev/null || true)"; fi
    done <"$TMP/leaving"
    sleep "$WAIT"
    look
  done
  annotate "$OBJECT" null null
  die "$1 was not drained, and stays: $left$refusal"
}

# arrive NODE GROUP waits until the group has an instance that boots as it should, and the cluster a Ready node on it. The gate of
# boot.sh keeps kubelet from starting before /opt is mounted and the package is there.
arrive() {
  local tries lack activity
  for ((tries = 0; tries < ARRIVE; tries++)); do
    find "$1" "$2"
    if [[ $READY == True && $STATE == InService ]] && boots_alike; then return; fi
    sleep "$WAIT"
    look
  done
  activity=$(cloud autoscaling describe-scaling-activities --auto-scaling-group-name "$2" --max-items 5 |
    jq -r '[.Activities[] | select(.StatusCode == "Failed" or .StatusCode == "Cancelled") | .StatusMessage][0] // ""')
  activity=${activity:+: $activity}
  if [[ $INSTANCE != - ]]; then activity=; fi
  lack=$(missing "$1" "$2")
  die "$1 did not come back: ${lack:-$INSTANCE was launched from version $HAVE, not as $WANT}$activity"
}

# settle NODE GROUP waits until the pods of a node that came back are ready, in several looks.
settle() {
  local tries calm=0 lack=''
  for ((tries = 0; tries < SETTLE; tries++)); do
    lack=$(missing "$1" "$2")
    if [[ -n $lack ]]; then calm=0; elif ((++calm == CALM)); then return; fi
    sleep "$WAIT"
    look
  done
  die "$1 came back, but $lack"
}

# tag NODE gives what runs the tags that it would be launched with today, and takes those that were dropped.
tag() {
  local kind resource tags dropped
  if [[ $HAVE == "$WANT" ]]; then return; fi
  log "$1: putting today's tags on $INSTANCE"
  cloud ec2 describe-instances --instance-ids "$INSTANCE" >"$TMP/instance"
  jq -r '.Reservations[].Instances[] | .RootDeviceName as $root | "instance " + .InstanceId,
    (.BlockDeviceMappings[] | select(.DeviceName == $root) | "volume " + .Ebs.VolumeId),
    (.NetworkInterfaces[] | select(.Attachment.DeviceIndex == 0) | "network-interface " + .NetworkInterfaceId)' "$TMP/instance" >"$TMP/parts"
  while read -r kind resource; do
    read -r tags < <(jq -c --arg kind "$kind" --argjson want "$WANT" '[.LaunchTemplateVersions[] | select(.VersionNumber == $want)
      | .LaunchTemplateData.TagSpecifications[]? | select(.ResourceType == $kind) | .Tags[]]' "$TMP/versions")
    read -r dropped < <(jq -c --arg kind "$kind" --argjson tags "$tags" '[.LaunchTemplateVersions[]
      | .LaunchTemplateData.TagSpecifications[]? | select(.ResourceType == $kind) | .Tags[].Key] | unique - [$tags[].Key] | map({Key: .})' \
      "$TMP/versions")
    if [[ $dropped != '[]' ]]; then cloud ec2 delete-tags --resources "$resource" --tags "$dropped" >/dev/null; fi
    if [[ $tags != '[]' ]]; then cloud ec2 create-tags --resources "$resource" --tags "$tags" >/dev/null; fi
  done <"$TMP/parts"
}

# take_away NODE ends the node's instance, drained where it still answers.
take_away() {
  log "$1: $INSTANCE was launched from version $HAVE, and $WANT boots another way"
  require_others "$1"
  find "$1" "$2"
  if [[ $INSTANCE == - ]] || boots_alike; then return; fi # Auto Scaling was faster
  if [[ $OBJECT != - && $READY == True ]]; then
    annotate "$OBJECT" '"draining"' true
    if [[ $OBJECT == "$HOST" && $NODES == *$'\n'* ]]; then hand_over "$1: this pod runs on it, so another one goes on elsewhere"; fi
    log "$1: draining $OBJECT"
    look
    drain "$1"
  fi
  log "$1: ending $INSTANCE"
  cloud autoscaling terminate-instance-in-auto-scaling-group --instance-id "$INSTANCE" --no-should-decrement-desired-capacity >/dev/null
  look
}

# converge NODE GROUP
converge() {
  local taken=''
  look
  find "$1" "$2"
  if [[ $INSTANCE != - ]] && ! boots_alike; then
    take_away "$1" "$2"
    taken=1
  fi
  arrive "$1" "$2"
  if [[ -n $taken || $MARKED == settling ]]; then
    annotate "$OBJECT" '"settling"' null
    log "$1: $OBJECT is Ready, waiting for its pods"
    settle "$1" "$2"
    annotate "$OBJECT" null null
  elif [[ $MARKED == draining ]]; then
    annotate "$OBJECT" null null
  fi
  tag "$1"
  log "$1: $INSTANCE is as its group says"
}

# The webhook of EKS puts this into a pod, once it knows of the association.
if [[ -z ${AWS_CONTAINER_CREDENTIALS_FULL_URI:-} ]]; then
  sleep "$WAIT"
  hand_over "this pod got no role from EKS Pod Identity: another one tries again"
fi
while read -r -u 3 name group; do
  converge "$name" "$group"
done 3<<<"$NODES"
