#include "family.h"

/* The kernel's numbers, the same on all machines; headers lack some of them. */
static const struct {
	char name[11];
	uint8_t number;
} rows[] = {
	{ "UNIX", 1 },
	{ "INET", 2 },
	{ "AX25", 3 },
	{ "IPX", 4 },
	{ "APPLETALK", 5 },
	{ "NETROM", 6 },
	{ "BRIDGE", 7 },
	{ "ATMPVC", 8 },
	{ "X25", 9 },
	{ "INET6", 10 },
	{ "ROSE", 11 },
	{ "DECnet", 12 },
	{ "NETBEUI", 13 },
	{ "SECURITY", 14 },
	{ "KEY", 15 },
	{ "NETLINK", 16 },
	{ "PACKET", 17 },
	{ "ASH", 18 },
	{ "ECONET", 19 },
	{ "ATMSVC", 20 },
	{ "RDS", 21 },
	{ "SNA", 22 },
	{ "IRDA", 23 },
	{ "PPPOX", 24 },
	{ "WANPIPE", 25 },
	{ "LLC", 26 },
	{ "IB", 27 },
	{ "MPLS", 28 },
	{ "CAN", 29 },
	{ "TIPC", 30 },
	{ "BLUETOOTH", 31 },
	{ "IUCV", 32 },
	{ "RXRPC", 33 },
	{ "ISDN", 34 },
	{ "PHONET", 35 },
	{ "IEEE802154", 36 },
	{ "CAIF", 37 },
	{ "ALG", 38 },
	{ "NFC", 39 },
	{ "VSOCK", 40 },
	{ "KCM", 41 },
	{ "QIPCRTR", 42 },
	{ "SMC", 43 },
	{ "XDP", 44 },
	{ "MCTP", 45 },
	{ "LOCAL", 1 },
	{ "FILE", 1 },
	{ "ROUTE", 16 },
};

int family_find(struct span name)
{
	if (!span_starts(name, "AF_"))
		return -1;
	name = span_from(name, 3);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(name, rows[i].name))
			return rows[i].number;
	return -1;
}
