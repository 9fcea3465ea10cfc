/* verbs: the service side of `slate`, one function a verb; see base/command.h. */
#ifndef CTL_VERBS_H
#define CTL_VERBS_H

int ctl_status(int argc, char **argv);      /* status.c */
int ctl_list(int argc, char **argv);        /* list.c */
int ctl_show(int argc, char **argv);        /* list.c */
int ctl_units(int argc, char **argv);       /* units.c: start, stop, … by argv[0] */
int ctl_is(int argc, char **argv);          /* units.c: is-active, is-failed */
int ctl_kill(int argc, char **argv);        /* units.c */
int ctl_reset_failed(int argc, char **argv);
int ctl_daemon_reload(int argc, char **argv);
int ctl_daemon_reexec(int argc, char **argv);
int ctl_isolate(int argc, char **argv);
int ctl_log(int argc, char **argv);         /* log.c */
int ctl_power(int argc, char **argv);       /* power.c: reboot, … by argv[0] */
int ctl_shutdown(int argc, char **argv);    /* power.c: shutdown(8)'s arguments */
int ctl_restarts(int argc, char **argv);    /* restarts.c */
int ctl_analyze(int argc, char **argv);     /* analyze.c */
int ctl_harden(int argc, char **argv);      /* harden.c */
int ctl_sysctl(int argc, char **argv);      /* sysctl.c: as units */
int ctl_save(int argc, char **argv);        /* trial.c */
int ctl_confirm(int argc, char **argv);     /* trial.c */
int ctl_trial(int argc, char **argv);       /* watch.c: the watch over a trial, as a unit */
int ctl_goback(int argc, char **argv);      /* goback.c: what it has put back, as a unit */
int ctl_seed(int argc, char **argv);        /* seed.c: as units */
int ctl_identity(int argc, char **argv);    /* identity.c: as a unit */
int ctl_keep(int argc, char **argv);        /* keep.c: as units */
int ctl_restore(int argc, char **argv);     /* back.c */
int ctl_revert(int argc, char **argv);      /* back.c */

/* One unit in full, with the last lines of its log. Returns an exit status:
 * `when_down` for a unit that is not up. */
int status_unit(const char *name, int when_down); /* status_unit.c */

/* The last `lines` lines of the unit's log, each after `indent`. */
void log_tail(const char *unit, unsigned lines, const char *indent); /* log.c */

/* `systemctl` with systemctl's arguments. */
int systemctl_main(int argc, char **argv);   /* systemctl.c */

/* Finds `name` in every table and runs it; COMMAND_USAGE when there is none. */
int run_verb(const char *name, int argc, char **argv); /* table.c */
void print_help(void);                       /* table.c */
int print_verb_help(const char *name);       /* table.c */

#endif
