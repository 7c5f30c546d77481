/* cascade-sim: a market of leveraged agents behind fake exchanges. For tests and the demo, never
 * installed. Options below; see --help. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

static const char help[] =
    "cascade-sim: a simulated market behind fake exchanges (tests and demo only)\n"
    "  --scenario calm|crash   calm: normal volatility; crash: shaped like 10 October 2025\n"
    "  --seed N                same seed, same market (default 1)\n"
    "  --assets N              how many crypto assets, at most 52 (default 50); a tokenised "
    "stock,\n"
    "                          a metal, a delisted coin and a Hyperliquid builder dex always "
    "exist\n"
    "  --shock-at S            crash: the shock comes S seconds after the start (default 60)\n"
    "  --shock-on-signal       crash: S counts from the first SIGUSR1 (or `shock` on --control);\n"
    "                          so a demo can count from its own moment, say when it is live\n"
    "  --shock-asset NAME      who is hit (default BTC); the others follow by their beta\n"
    "  --duration S            stop after S seconds of simulated time (default: until a signal)\n"
    "  --truth FILE            what really happened, NDJSON\n"
    "  --summary FILE          peaks per asset against usual alert thresholds, NDJSON, at the end\n"
    "serving (the default), TLS on 127.0.0.1:\n"
    "  --cert FILE --key FILE  server certificate and key, PEM (tests/sim/mkcert.sh makes some)\n"
    "  --port-binance N  --port-hyperliquid N  --port-bybit N  --port-okx N   0 = free (default)\n"
    "  --ports FILE            JSON with the ports, written once all listen\n"
    "  --listen-dir DIR        short for --ports DIR/ports.json --control DIR/control.sock\n"
    "  --control PATH          UNIX socket, one command a line: a SPEC (times count from now),\n"
    "                          `shock [S]`, `status`\n"
    "  --misbehave SPEC        may be repeated, see below\n"
    "instead of serving:\n"
    "  --tape FILE             write the scenario as a tape, as fast as possible (needs "
    "--duration)\n"
    "  --conf FILE             the daemon's configuration for the tape's head (what cascaded -p "
    "prints)\n"
    "  --start S               its first second, Unix time (default 1795312800)\n"
    "  --speed N               at most N simulated seconds a second (default: no limit)\n"
    "misbehaviour, NAME:VENUE...@T[+D[:N]] with times in seconds since the start:\n";

enum {
    O_SCENARIO = 256,
    O_SEED,
    O_ASSETS,
    O_SHOCK_AT,
    O_SIGNAL,
    O_SHOCK_ASSET,
    O_DURATION,
    O_TRUTH,
    O_SUMMARY,
    O_CERT,
    O_KEY,
    O_PORT, /* + the venue */
    O_PORT_LAST = O_PORT + SIM_VENUES - 1,
    O_PORTS,
    O_DIR,
    O_CONTROL,
    O_MIS,
    O_TAPE,
    O_START,
    O_CONF,
    O_SPEED,
    O_HELP
};

static const struct option options[] = {{"scenario", 1, NULL, O_SCENARIO},
                                        {"seed", 1, NULL, O_SEED},
                                        {"assets", 1, NULL, O_ASSETS},
                                        {"shock-at", 1, NULL, O_SHOCK_AT},
                                        {"shock-on-signal", 0, NULL, O_SIGNAL},
                                        {"shock-asset", 1, NULL, O_SHOCK_ASSET},
                                        {"duration", 1, NULL, O_DURATION},
                                        {"truth", 1, NULL, O_TRUTH},
                                        {"summary", 1, NULL, O_SUMMARY},
                                        {"cert", 1, NULL, O_CERT},
                                        {"key", 1, NULL, O_KEY},
                                        {"port-binance", 1, NULL, O_PORT + SIM_BINANCE},
                                        {"port-hyperliquid", 1, NULL, O_PORT + SIM_HL},
                                        {"port-bybit", 1, NULL, O_PORT + SIM_BYBIT},
                                        {"port-okx", 1, NULL, O_PORT + SIM_OKX},
                                        {"ports", 1, NULL, O_PORTS},
                                        {"listen-dir", 1, NULL, O_DIR},
                                        {"control", 1, NULL, O_CONTROL},
                                        {"misbehave", 1, NULL, O_MIS},
                                        {"tape", 1, NULL, O_TAPE},
                                        {"start", 1, NULL, O_START},
                                        {"conf", 1, NULL, O_CONF},
                                        {"speed", 1, NULL, O_SPEED},
                                        {"help", 0, NULL, O_HELP},
                                        {NULL, 0, NULL, 0}};

static struct sim sim;
static char ports_path[512], control_path[512];

static double number(const char *text, double lo, double hi)
{
    char *end;
    double x = strtod(text, &end);
    if (end == text || *end || !(x >= lo && x <= hi)) {
        fprintf(stderr, "cascade-sim: %s is not a number from %g to %g\n", text, lo, hi);
        exit(2);
    }
    return x;
}

static void misbehave(const char *spec)
{
    const char *why = mis_add(&sim.mis, spec, 0);
    if (why) {
        fprintf(stderr, "cascade-sim: --misbehave %s: %s\n", spec, why);
        exit(2);
    }
}

/* Options that are texts or numbers kept as they are. */
static bool take_plain(struct sim_options *o, int opt)
{
    switch (opt) {
    case O_SCENARIO:
        o->scenario = optarg;
        return true;
    case O_SHOCK_ASSET:
        o->shock_asset = optarg;
        return true;
    case O_TRUTH:
        o->truth = optarg;
        return true;
    case O_SUMMARY:
        o->summary = optarg;
        return true;
    case O_CERT:
        o->cert = optarg;
        return true;
    case O_KEY:
        o->key = optarg;
        return true;
    case O_PORTS:
        o->ports = optarg;
        return true;
    case O_CONTROL:
        o->control = optarg;
        return true;
    case O_CONF:
        o->conf = optarg;
        return true;
    case O_TAPE:
        o->tape = optarg;
        return true;
    case O_SIGNAL:
        o->shock_on_signal = true;
        return true;
    default:
        return false;
    }
}

static bool take(struct sim_options *o, int opt)
{
    if (opt >= O_PORT && opt <= O_PORT_LAST) {
        o->port[opt - O_PORT] = (int)number(optarg, 0, 65535);
        return true;
    }
    switch (opt) {
    case O_SEED:
        o->seed = (uint64_t)number(optarg, 0, 0x1p53);
        return true;
    case O_ASSETS:
        o->assets = (int)number(optarg, 1, sim_n_crypto);
        return true;
    case O_SHOCK_AT:
        o->shock_at_s = number(optarg, 0, 1e7);
        return true;
    case O_DURATION:
        o->duration_s = number(optarg, 0, 1e7);
        return true;
    case O_START:
        o->t0_us = (int64_t)number(optarg, 0, 1e10) * 1000000;
        return true;
    case O_SPEED:
        o->speed = number(optarg, .001, 1e9);
        return true;
    case O_MIS:
        misbehave(optarg);
        return true;
    case O_DIR:
        snprintf(ports_path, sizeof ports_path, "%s/ports.json", optarg);
        snprintf(control_path, sizeof control_path, "%s/control.sock", optarg);
        o->ports = ports_path;
        o->control = control_path;
        return true;
    default:
        return take_plain(o, opt);
    }
}

int main(int argc, char **argv)
{
    struct sim_options o = {.scenario = "calm",
                            .seed = 1,
                            .assets = 50,
                            .shock_at_s = 60,
                            .shock_asset = "BTC",
                            .t0_us = 1795312800000000};
    for (int opt; (opt = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (opt == O_HELP || opt == 'h') {
            fputs(help, stdout);
            mis_help(stdout);
            return 0;
        }
        if (!take(&o, opt)) {
            fputs("cascade-sim: see --help\n", stderr);
            return 2;
        }
    }
    if (optind < argc || (!o.tape && (!o.cert || !o.key)) || (o.tape && o.duration_s <= 0)) {
        fputs(o.tape ? "cascade-sim: --tape needs --duration\n"
                     : "cascade-sim: serving needs --cert and --key; see --help\n",
              stderr);
        return 2;
    }
    const char *cannot = mis_run_as(&sim.mis, o.tape ? MIS_ON_TAPE : MIS_ON_WIRE);
    if (cannot) {
        fprintf(stderr, "cascade-sim: --misbehave %s: a tape cannot carry it\n", cannot);
        return 2;
    }
    int status = o.tape ? sim_tape(&sim, &o) : sim_serve(&sim, &o);
    sim_close(&sim);
    return status;
}
