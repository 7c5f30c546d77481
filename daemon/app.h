/* The daemon put together: starts the modules in order, wires them, stops them in reverse. */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "conf.h"

/* Runs until a signal ends it. conf is taken over. Exit status: 0 orderly, 1 it could not start or
 * did not end cleanly, 2 the configuration was refused. */
int app_run(struct conf *take_conf, const char *conf_path);

#endif
