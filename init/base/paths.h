/* paths: the names in the running system that programs and users rely on.
 *
 * slate-boot makes the tree below /run/slate; slate-init and slate read it.  */
#ifndef BASE_PATHS_H
#define BASE_PATHS_H

#define PATH_RUN "/run/slate"
#define PATH_MEDIUM PATH_RUN "/medium"     /* the medium, read-only but for the moment of a save */
#define PATH_ROOT PATH_RUN "/root"         /* the pristine read-only root */
#define PATH_OVERLAY PATH_RUN "/overlay"   /* the tmpfs; upper/ is exactly what changed */
#define PATH_UPPER PATH_OVERLAY "/upper"
#define PATH_WORK PATH_OVERLAY "/work"
#define PATH_BIN PATH_RUN "/bin"           /* slate's programs where the image has none */
#define PATH_SHIPPED PATH_RUN "/lib"       /* slate's units (system/) and hooks where the image has none */
#define PATH_UNITS PATH_RUN "/system"     /* which of slate's units this boot needs besides those of all */
#define PATH_CONTROL PATH_RUN "/control"   /* slate-init's control socket */
#define PATH_NOTIFY PATH_RUN "/notify"     /* sd_notify datagrams */
#define PATH_BOOT_JSON PATH_RUN "/boot.json"
#define PATH_DEGRADED PATH_RUN "/degraded" /* one line for each thing that is less than asked for */
#define PATH_RESTORED PATH_RUN "/restored" /* what restore took, as key=value lines */
#define PATH_KNOWN PATH_RUN "/known"       /* the generation that was restored or saved last, NAME=N */
#define PATH_SAVE PATH_RUN "/save"         /* the device of slate.save=, where it is not the medium */
#define PATH_GIVEN     PATH_RUN "/given" /* what the boot has put into the root by itself (given.h) */
#define PATH_SAVE_LOCK PATH_RUN "/save.lock" /* locked by whoever writes the medium */
#define PATH_TRIAL PATH_RUN "/trial"       /* a generation on trial, as key=value lines */
#define PATH_LENT PATH_RUN "/lent"         /* of a medium that was let go: what is to be gone back to */
#define PATH_GONEBACK PATH_RUN "/goneback" /* what came of going back (goneback.h) */
#define PATH_SETTINGS PATH_RUN "/settings" /* the settings in force, in slate.conf's format */
#define PATH_KEYS PATH_RUN "/keys"         /* whom saved configuration is trusted from, and the device's secret */
#define PATH_VERSIONS PATH_RUN "/versions" /* NAME=VERSION of each signed image that is mounted */
#define PATH_LEASE PATH_RUN "/lease"       /* the address got before the root was there, key=value lines */
#define PATH_REMOTE PATH_RUN "/remote"     /* where on a server saves go, and what it held last */
#define PATH_HARDEN PATH_RUN "/harden"     /* the profile of slate.harden=, where one is set */
#define PATH_IDENTITY PATH_RUN "/identity" /* the way of slate.identity=, unless that is no */
#define PATH_MADE PATH_RUN "/made"         /* what this boot has made of its identity and not saved yet */
#define PATH_CONFINED PATH_RUN "/apparmor"  /* the profiles that were loaded from the initramfs are the policy */
#define PATH_SELINUX PATH_RUN "/selinux"    /* how the policy that slate-boot has loaded is in force */
#define PATH_UNCLAIMED PATH_RUN "/unclaimed" /* words of the command line that the kernel left over, a line each */
#define PATH_TORAM PATH_RUN "/toram"       /* how far the copy in memory is, key=value lines */
#define PATH_LOG "/run/log/slate"          /* a log a unit */

#define PATH_SAVE_LIST "etc/slate/save.list" /* relative to a root */
#define PATH_CONF "etc/slate/slate.conf"     /* relative to a root */
#define PATH_MEDIUM_CONF "slate/slate.conf"  /* relative to the medium */
#define PATH_SAVED "slate/saved"             /* relative to the medium; NAME/slot-N below it */

#define PATH_APPARMOR "/lib/slate/apparmor" /* in the initramfs: compiled profiles, a file each */
#define PATH_SECURITYFS "/sys/kernel/security"
#define PATH_APPARMOR_LOAD PATH_SECURITYFS "/apparmor/.replace"
#define PATH_APPARMOR_ENABLED "/sys/module/apparmor/parameters/enabled"
#define PATH_SELINUX_ENFORCE "/sys/fs/selinux/enforce"

/* The PATH of every unit, hook and login. */
#define PATH_SEARCH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:" PATH_BIN

#endif
