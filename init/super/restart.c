#include "restart.h"

#include "manager.h"

bool restart_is_due(const struct live *v)
{
	if (v->stop_wanted || v->manager->shutdown.kind != SHUTDOWN_NONE)
		return false;
	if (v->job.kind == JOB_STOP || v->job.kind == JOB_RESTART)
		return false;
	return outcome_restarts(v->unit->service, v->outcome, v->main_status);
}
