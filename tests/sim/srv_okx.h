/* Between the two files of the fake OKX. */
#ifndef SIM_SRV_OKX_H
#define SIM_SRV_OKX_H

#include "sim/net.h"

void okx_request(void *arg, struct net_conn *c, const struct net_request *r);

#endif
