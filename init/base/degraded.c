#include "degraded.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "fd.h"
#include "report.h"

int degraded_add(const char *path, const char *text, struct err *e)
{
	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	char line[512];

	if (fd < 0)
		return err_sys(e, "open %s", path);
	snprintf(line, sizeof line, "%s", text);
	report_clean(line);
	if (dprintf(fd, "%s\n", line) < 0)
		return err_sys(e, "write %s", path);
	return 0;
}
