/* netboot: what a server needs to start machines over the network.
 *
 * OUT is the folder that the server shows as /slate/. Beside kernel, initramfs and
 * images (each with its manifest) lie there:
 *
 *   slate.conf      the settings of all machines; slate.image=, where there are several
 *   boot.ipxe       the script that iPXE runs: it passes the server's address on
 *   dnsmasq.conf    DHCP and TFTP: firmware gets iPXE, iPXE gets boot.ipxe
 *   nginx.conf      HTTP: the files
 *   lighttpd.conf   HTTP: the files, and saved configuration by PUT  */
#ifndef IMAGE_NETBOOT_H
#define IMAGE_NETBOOT_H

#include "../init/base/err.h"
#include "plan.h"

/* Writes them into p->work. 0 or -1 with *e. */
int netboot_make(const struct plan *p, struct err *e);

#endif
