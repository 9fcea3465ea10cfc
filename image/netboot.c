#include "netboot.h"

#include "../init/base/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* next-server is who iPXE got this script from. BOOTIF is the card that worked. */
static const char ipxe_head[] =
	"#!ipxe\n"
	"# Starts slate from the server that gave this script; its folder there is /slate/.\n"
	"set base http://${next-server}/slate\n";
/* iPXE compares texts, and for equality only: so it counts, all in one type. A slot of the
 * firmware's table (SMBIOS, type 17) has its MiB in two bytes, the low one first, and no
 * MiB where it is empty. Two modules of which each is too small are told of for nothing. */
static const char ipxe_memory[] = "# With less memory the kernel dies before it can say so.\n"
				  "set needed_high:uint8 %u\n"
				  "set needed_low:uint8 %u\n"
				  "iseq ${smbios/17.12.2:hex} 00:00 && goto start ||\n"
				  "set mib:uint8 0\n"
				  ":high\n"
				  "iseq ${mib} ${needed_high} && goto low ||\n"
				  "iseq ${mib} ${smbios/17.13.1:uint8} && goto small ||\n"
				  "inc mib\n"
				  "goto high\n"
				  ":low\n"
				  "iseq ${needed_high} ${smbios/17.13.1:uint8} || goto start\n"
				  "set mib:uint8 0\n"
				  ":count\n"
				  "iseq ${mib} ${needed_low} && goto start ||\n"
				  "iseq ${mib} ${smbios/17.12.1:uint8} && goto small ||\n"
				  "inc mib\n"
				  "goto count\n"
				  ":start\n";
static const char ipxe_start[] = "kernel ${base}/vmlinuz initrd=initramfs.img ";
static const char ipxe_tail[] =
	" BOOTIF=01-${netX/mac:hexhyp} || goto again\n"
	"initrd ${base}/initramfs.img || goto again\n"
	"boot || goto again\n"
	":again\n"
	"echo ${base} does not answer; trying again in 10 s\n"
	"sleep 10\n"
	"chain boot.ipxe || goto again\n";
static const char ipxe_small[] =
	":small\n"
	"echo TOO LITTLE MEMORY: this machine needs %u MiB to start. Add some.\n"
	"echo Trying all the same in 30 s\n"
	"sleep 30\n"
	"goto start\n";

static const char dnsmasq[] =
	"# dnsmasq for machines that start over the network: DHCP and TFTP, no DNS.\n"
	"#     dnsmasq -d -C dnsmasq.conf\n"
	"# To do before: the interface and the addresses below, and the two files of the\n"
	"# package ipxe (undionly.kpxe, ipxe.efi) beside this one in tftp-root.\n"
	"port=0\n"
	"interface=eth1\n"
	"dhcp-range=10.77.0.10,10.77.0.250,255.255.255.0,12h\n"
	"# Beside another DHCP server of this network, instead: dhcp-range=10.77.0.0,proxy\n"
	"enable-tftp\n"
	"tftp-root=/srv/slate\n"
	"\n"
	"# Firmware gets iPXE, and iPXE gets its script.\n"
	"dhcp-match=set:ipxe,175\n"
	"dhcp-match=set:efi,option:client-arch,7\n"
	"dhcp-match=set:efi,option:client-arch,9\n"
	"dhcp-boot=tag:!ipxe,tag:!efi,undionly.kpxe\n"
	"dhcp-boot=tag:!ipxe,tag:efi,ipxe.efi\n"
	"dhcp-boot=tag:ipxe,boot.ipxe\n";

static const char nginx[] =
	"# A site of nginx that serves the images: /etc/nginx/sites-enabled/slate.\n"
	"# It takes no saved configuration: nginx answers a PUT without a look at\n"
	"# If-Match, so that one machine could overwrite what another has saved.\n"
	"server {\n"
	"\tlisten 80;\n"
	"\troot /srv;\n"
	"\tlocation /slate/ {\n"
	"\t\tsendfile on;\n"
	"\t\tadd_header Cache-Control no-cache;\n"
	"\t}\n"
	"}\n";

static const char lighttpd[] =
	"# lighttpd (with lighttpd-mod-webdav) serves the images and takes saved\n"
	"# configuration:    lighttpd -D -f lighttpd.conf\n"
	"# To do before: mkdir /srv/slate/saved, writable for the user below.\n"
	"server.modules = ( \"mod_access\", \"mod_webdav\" )\n"
	"server.document-root = \"/srv\"\n"
	"server.port = 80\n"
	"server.username = \"www-data\"\n"
	"server.groupname = \"www-data\"\n"
	"server.upload-dirs = ( \"/var/tmp\" )\n"
	"server.max-request-size = 131072\n"
	"mimetype.assign = ( \"\" => \"application/octet-stream\" )\n"
	"etag.use-mtime = \"enable\"\n"
	"etag.use-inode = \"enable\"\n"
	"$HTTP[\"url\"] =~ \"^/slate/saved/\" {\n"
	"\twebdav.activate = \"enable\"\n"
	"\twebdav.is-readonly = \"disable\"\n"
	"}\n";

static int write_text(const struct plan *p, const char *name, const char *text, struct err *e)
{
	char path[700];

	snprintf(path, sizeof path, "%s/%s", p->work, name);
	return fd_write_file(AT_FDCWD, path, text, strlen(text), e);
}

static int write_script(const struct plan *p, struct err *e)
{
	char memory[sizeof ipxe_memory + 8] = "", small[sizeof ipxe_small + 8] = "";
	char cmdline[PLAN_CMDLINE_MAX];
	char text[sizeof ipxe_head + sizeof memory + sizeof ipxe_start + sizeof cmdline +
	          sizeof ipxe_tail + sizeof small];

	if (p->memory_mib) {
		snprintf(memory, sizeof memory, ipxe_memory, p->memory_mib / 256,
		         p->memory_mib % 256);
		snprintf(small, sizeof small, ipxe_small, p->memory_mib);
	}
	plan_cmdline(p, cmdline);
	snprintf(text, sizeof text, "%s%s%s%s%s%s", ipxe_head, memory, ipxe_start, cmdline,
	         ipxe_tail, small);
	return write_text(p, "boot.ipxe", text, e);
}

/* The medium's slate.conf, where there is more than one image. */
static int write_settings(const struct plan *p, struct err *e)
{
	char text[400];
	int len = snprintf(text, sizeof text,
	                   "# Settings of the machines that start from here: see slate.conf(5).\n");

	if (p->lacks_modules)
		snprintf(text + len, sizeof text - (size_t)len, "slate.image=slate/%s:slate/%s\n",
		         plan_root_name(p), plan_modules_name(p));
	return write_text(p, "slate.conf", text, e);
}

int netboot_make(const struct plan *p, struct err *e)
{
	static const struct {
		const char *name, *text;
	} files[] = {
		{ "dnsmasq.conf", dnsmasq },
		{ "nginx.conf", nginx },
		{ "lighttpd.conf", lighttpd },
	};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (write_text(p, files[i].name, files[i].text, e) < 0)
			return -1;
	return write_settings(p, e) < 0 ? -1 : write_script(p, e);
}
