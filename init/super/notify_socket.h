/* notify_socket: receives sd_notify datagrams and tells the units.
 *
 * Any process may send. The kernel says which one it was; the datagram counts
 * only if that process belongs to a unit whose NotifyAccess= lets it speak. It is
 * not even decoded otherwise. Descriptors that come along are closed.  */
#ifndef SUPER_NOTIFY_SOCKET_H
#define SUPER_NOTIFY_SOCKET_H

#include "../base/err.h"

struct manager;

int notify_open(struct manager *m, struct err *e);

#endif
