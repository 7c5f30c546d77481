/* Between the two files of the fake Bybit. */
#ifndef SIM_SRV_BYBIT_H
#define SIM_SRV_BYBIT_H

#include "sim/net.h"

void bybit_request(void *arg, struct net_conn *c, const struct net_request *r);

#endif
