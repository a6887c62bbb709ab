#!/usr/bin/env bash
NODE='node-3'
VOLUME='vol-0123456789abcdef0'
REGION='us-west-2'
DIRECTORIES='kafka3 zookeeper3 zookeeper4 zookeeper5'
MAX_MAP_COUNT='262144'
BUCKET='bpa-packages-0123456'
POINTER='packages/current'
# shellcheck shell=bash disable=SC2154
set -eEuo pipefail
export AWS_DEFAULT_REGION=$REGION
ROOT=${ROOT:-}
DEVICES=${DEVICES:-/dev/disk/by-id}
WAIT=${WAIT:-5}
UPTIME=${UPTIME:-/proc/uptime}
LIMIT=1800
LABEL=bpa-opt
OPT=$ROOT/opt
LINK=$DEVICES/nvme-Amazon_Elastic_Block_Store_${VOLUME/-/}
LIST=$ROOT/run/bpa-opt.list
UNITS=$ROOT/etc/systemd/system
BIN=$ROOT/usr/local/sbin/bpa-boot

log() { echo "bpa-boot $NODE: $*"; }
die() {
  log "FAILED: $*" >&2
  exit 1
}
trap 'log "FAILED: line $LINENO: $BASH_COMMAND" >&2' ERR

gate_kubelet() {
  local dropin=$UNITS/kubelet.service.d/10-bpa.conf
  mkdir -p "${dropin%/*}"
  printf '%s\n' '[Unit]' 'RequiresMountsFor=/opt' 'AssertPathIsMountPoint=/opt' 'AssertPathExists=/opt/bpa/.package' >"$dropin"
  systemctl daemon-reload
}

install_unit() {
  mkdir -p "${BIN%/*}"
  cp "$0" "$BIN.partial"
  chmod 755 "$BIN.partial"
  mv "$BIN.partial" "$BIN"
  printf '%s\n' '[Unit]' 'Description=Prepare this BPA node' 'Wants=network-online.target' 'After=network-online.target' \
    'Before=nodeadm-run.service kubelet.service' 'StartLimitIntervalSec=0' '[Service]' 'Type=oneshot' \
    'ExecStart=/usr/local/sbin/bpa-boot' 'Restart=on-failure' 'RestartSec=15' \
    '[Install]' 'WantedBy=multi-user.target' >"$UNITS/bpa-boot.service"
  systemctl daemon-reload
  systemctl enable bpa-boot.service
}

instance_id() {
  local token
  token=$(curl -sSf -m 5 --retry 5 -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 300') || return
  curl -sSf -m 5 --retry 5 -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id
}

give_up_after_limit() {
  local seconds self
  read -r seconds _ <"$UPTIME"
  if ((${seconds%.*} < LIMIT)); then return; fi
  log "not prepared after $LIMIT seconds: this instance is declared unhealthy" >&2
  self=$(instance_id) || return 0
  aws autoscaling set-instance-health --instance-id "$self" --health-status Unhealthy --no-should-respect-grace-period || true
}

attach_volume() {
  local self state owner tries problem=''
  if [[ -b $LINK ]]; then return; fi
  self=$(instance_id) || die "no answer from the instance metadata service"
  for ((tries = 0; tries < 60; tries++)); do
    read -r state owner < <(aws ec2 describe-volumes --volume-ids "$VOLUME" --output text \
      --query 'Volumes[0].[State, Attachments[0].InstanceId]') || true
    if [[ ${state:-} == in-use && ${owner:-} == "$self" ]]; then
      return
    elif [[ ${state:-} == available ]]; then
      log "attaching $VOLUME to $self"
      problem=$(aws ec2 attach-volume --volume-id "$VOLUME" --instance-id "$self" --device /dev/sdf 2>&1 >/dev/null) ||
        log "attach-volume: $problem" >&2
    else
      log "waiting for $VOLUME: ${state:-unknown} ${owner:-}"
    fi
    sleep "$WAIT"
  done
  die "volume $VOLUME did not become ours: ${state:-unknown}, held by ${owner:-nobody}${problem:+: $problem}"
}

find_device() {
  local tries
  for ((tries = 0; tries < 60; tries++)); do
    if [[ -b $LINK ]]; then
      DEVICE=$(readlink -f "$LINK")
      return
    fi
    sleep "$WAIT"
  done
  die "no device $LINK"
}

read_device() { dd if="$DEVICE" bs=1 skip="$1" count="$2" status=none | tr -d '\0'; }

is_half_made() {
  [[ $(read_device 0 4) == XFSB && $(read_device 108 12) == "$LABEL" && $(read_device 126 1) == $'\1' ]]
}

is_blank() {
  local mib place found
  mib=$(($(blockdev --getsize64 "$DEVICE") >> 20))
  found=$({
    dd if="$DEVICE" bs=1M count=16 status=none || exit
    for ((place = 1; place < 64; place++)); do
      dd if="$DEVICE" bs=1M count=1 skip=$((place * mib / 64)) status=none || exit
    done
  } | tr -d '\0' | wc -c) || die "$DEVICE cannot be read"
  [[ $found -eq 0 ]]
}

make_filesystem() {
  local signatures type
  signatures=$(wipefs -n "$DEVICE") || die "$DEVICE cannot be read"
  type=$(blkid -p -s TYPE -o value "$DEVICE" || true)
  if is_half_made; then
    log "making the filesystem on $DEVICE again, which was interrupted"
    mkfs.xfs -q -f -L "$LABEL" "$DEVICE"
  elif [[ -z $type && -z $signatures ]]; then
    is_blank || die "$DEVICE holds data without a filesystem; it was left alone"
    log "making a filesystem on $DEVICE, which is empty"
    mkfs.xfs -q -L "$LABEL" "$DEVICE"
  elif [[ $type != xfs ]]; then
    die "$DEVICE holds ${type:-a partition table}, not the xfs of a BPA node; it was left alone"
  fi
}

list_missing() {
  local staging=$1 age=${2:-} size type path
  NEEDED=0
  while read -r -d '' size type path; do
    if [[ $type == d && -d $staging/$path ]]; then
      continue
    elif [[ $type != d ]] && [[ -e $staging/$path || -L $staging/$path ]]; then
      if [[ -z $age || ! $OPT/$path -nt $staging/$path ]]; then continue; fi
    fi
    printf '%s\0' "$path"
    NEEDED=$((NEEDED + size))
  done >"$LIST" < <(find "$OPT" -mindepth 1 -printf '%k %y %P\0')
}

fits() { ((NEEDED + 1024 <= $(df -k --output=avail "$1" | tail -n 1))); }

copy_image_opt() {
  local staging=$1
  rm -rf "$staging/.image"
  list_missing "$staging" older
  if [[ ! -s $LIST ]]; then return; fi
  if ! fits "$staging"; then
    log "$DEVICE is full: $NEEDED KiB of the image's /opt do not fit; files of an older image stay" >&2
    list_missing "$staging"
    if [[ -s $LIST ]]; then fits "$staging" || die "$DEVICE is full, and lacks $NEEDED KiB of the image's /opt: enlarge the volume"; fi
  fi
  if [[ ! -s $LIST ]]; then return; fi
  mkdir "$staging/.image"
  (cd "$OPT" && xargs -0 cp -a --parents -t "$staging/.image" <"$LIST")
  sync -f "$staging"
  cp -a -l -f -u "$staging/.image/." "$staging/"
  rm -rf "$staging/.image"
  sync -f "$staging"
}

grow_filesystem() { xfs_growfs -d "$1" >/dev/null || log "the filesystem of $DEVICE was not enlarged" >&2; }

mount_opt() {
  local uuid staging=$ROOT/run/bpa-opt
  if mountpoint -q "$OPT"; then
    [[ $(findmnt -n -o SOURCE "$OPT") == "$DEVICE" ]] || die "$OPT is not on $DEVICE but on another volume"
    grow_filesystem "$OPT"
    return
  fi
  uuid=$(blkid -p -s UUID -o value "$DEVICE")
  mkdir -p "$OPT" "$staging"
  mountpoint -q "$staging" || mount "$DEVICE" "$staging" || die "$DEVICE does not mount; repair it, it was left alone"
  grow_filesystem "$staging"
  copy_image_opt "$staging"
  rm -f "$LIST"
  umount "$staging"
  touch "$ROOT/etc/fstab"
  if ! grep -q "^UUID=$uuid " "$ROOT/etc/fstab"; then
    echo "UUID=$uuid $OPT xfs defaults,nofail,x-systemd.device-timeout=300s 0 2" >>"$ROOT/etc/fstab"
  fi
  mount "$DEVICE" "$OPT"
  systemctl daemon-reload
}

make_directories() {
  local directory path
  mkdir -p "$OPT/bpa/data"
  for directory in $DIRECTORIES; do
    path=$OPT/bpa/data/$directory
    mkdir -p "$path"
    chmod 777 "$path"
  done
}

apply_sysctl() {
  mkdir -p "$ROOT/etc/sysctl.d"
  echo "vm.max_map_count = $MAX_MAP_COUNT" >"$ROOT/etc/sysctl.d/99-bpa.conf"
  sysctl -q -p "$ROOT/etc/sysctl.d/99-bpa.conf"
}

install_package() {
  local bin=$ROOT/usr/local/sbin/bpa-package tries
  {
    printf '#!/usr/bin/env bash\nexport AWS_DEFAULT_REGION=%q\n' "$REGION"
    printf 'ROOT=%q OPT=%q BUCKET=%q POINTER=%q\n' "$ROOT" "$OPT" "$BUCKET" "$POINTER"
    declare -f fetch_package
    echo fetch_package
  } >"$bin.partial"
  chmod 755 "$bin.partial"
  mv "$bin.partial" "$bin"
  printf '%s\n' '[Unit]' 'Description=Fetch the current BPA package' 'RequiresMountsFor=/opt' '[Service]' 'Type=oneshot' \
    'ExecStartPre=-/usr/sbin/xfs_growfs -d /opt' 'ExecStart=/usr/local/sbin/bpa-package' >"$UNITS/bpa-package.service"
  printf '%s\n' '[Unit]' 'Description=Look for a new BPA package' '[Timer]' 'OnBootSec=10min' 'OnUnitActiveSec=10min' \
    'RandomizedDelaySec=60' '[Install]' 'WantedBy=timers.target' >"$UNITS/bpa-package.timer"
  systemctl daemon-reload
  systemctl enable --now bpa-package.timer
  for ((tries = 0; tries < 12; tries++)); do
    if "$bin"; then return; fi
    log "the package could not be fetched, trying again"
    sleep "$WAIT"
  done
  if [[ -f $OPT/bpa/.package && $(<"$OPT/bpa/.package") =~ ^[0-9a-f]{64}$ ]]; then
    log "no package from s3://$BUCKET/$POINTER: the one that is here stays, and bpa-package.timer keeps trying" >&2
    return
  fi
  die "no package from s3://$BUCKET/$POINTER; bpa-package.timer keeps trying"
}

# shellcheck disable=SC2317 # runs from the script that install_package writes
fetch_package() {
  set -euo pipefail
  local line sum key first=1 partial=$OPT/bpa/.download tree=$OPT/bpa/.unpack
  mountpoint -q "$OPT" || { echo "$OPT is not mounted" >&2; return 1; }
  exec 9>"$OPT/bpa/.lock"
  flock 9
  rm -rf "$tree" "$partial"
  trap 'rm -rf "$OPT/bpa/.download" "$OPT/bpa/.unpack"' EXIT # a full volume must not stay full of what did not fit
  line=$(aws s3 cp "s3://$BUCKET/$POINTER" -)
  [[ $line =~ ^([0-9a-f]{64})\ ([^[:space:]]+)$ ]] || { echo "s3://$BUCKET/$POINTER is not a pointer" >&2; return 1; }
  sum=${BASH_REMATCH[1]} key=${BASH_REMATCH[2]}
  if [[ -f $OPT/bpa/.package && $(<"$OPT/bpa/.package") == "$sum" ]]; then return 0; fi
  aws s3 cp --only-show-errors "s3://$BUCKET/$key" "$partial"
  echo "$sum  $partial" | sha256sum --check --quiet
  mkdir "$tree"
  tar -xzf "$partial" -C "$tree" --no-same-owner
  rm -rf "$tree/data"
  chmod 755 "$tree"
  if [[ -f $OPT/bpa/.package ]]; then
    first=
    echo "changing to $sum" >"$OPT/bpa/.package"
  fi
  cp -a --remove-destination "$tree/." "$OPT/bpa/"
  rm -rf "$tree" "$partial"
  sync -f "$OPT/bpa"
  echo "$sum" >"$OPT/bpa/.package.partial"
  mv "$OPT/bpa/.package.partial" "$OPT/bpa/.package"
  echo "package $sum is in $OPT/bpa"
  if [[ -n $first && -e $ROOT/etc/eks/kubelet/environment ]]; then systemctl start --no-block kubelet.service; fi
}

prepare() {
  attach_volume
  find_device
  make_filesystem
  mount_opt
  make_directories
  apply_sysctl
  install_package
  log "ready"
}

gate_kubelet
if [[ ! $0 -ef $BIN ]]; then
  install_unit
  systemctl start bpa-boot.service
else
  trap '(($? == 0)) || give_up_after_limit' EXIT
  prepare
fi
