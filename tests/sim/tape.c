/* placeholder until below */
#include "sim/sim.h"
int sim_tape(struct sim *s, const struct sim_options *o)
{
    (void)s; (void)o; return 1;
}
