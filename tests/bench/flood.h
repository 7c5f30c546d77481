/* A server that floods one client at a time with websocket texts over TLS, on loopback, in a
 * process of its own (another core, when there are two). In: the texts, and per connection the path
 * "/live/N" or "/same/N": N passes over all of them, with the update ids going on from pass to pass
 * and connection to connection, or as they are. Blocking, bounded by its passes and an alarm; it
 * dies with its parent. The surprise: it closes at once after the last byte, so a client must not
 * send before it has everything, or the reset could overtake the data. */
#ifndef FLOOD_H
#define FLOOD_H

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "venue_frames.h"

#define FLOOD_WRITE   (128u << 10)
#define FLOOD_ALARM_S 120 /* of its whole life */

struct flood {
    pid_t pid;
    uint16_t port;
    const char *ca_file; /* what a client must trust */
};

struct flood_server {
    struct vframes *made;
    unsigned char *wire; /* all texts as websocket frames, one after another */
    size_t len;
    SSL_CTX *tls;
    int passes_live; /* sent so far */
};

#define FLOOD_MUST(what)                                                                           \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "flood: %s failed\n", #what);                                          \
            exit(2);                                                                               \
        }                                                                                          \
    } while (0)

/* The index-th of the processors this process may use; nothing happens when there is but one. */
static inline void flood_pin(int index)
{
    cpu_set_t may, one;
    if (sched_getaffinity(0, sizeof may, &may) != 0 || CPU_COUNT(&may) < 2)
        return;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && index >= 0; cpu++)
        if (CPU_ISSET(cpu, &may) && index-- == 0)
            CPU_SET(cpu, &one);
    (void)sched_setaffinity(0, sizeof one, &one);
}

/* --- trust: a key and a certificate for "localhost" that signs itself --- */

static inline X509 *flood_certificate(EVP_PKEY *key)
{
    X509 *x = X509_new();
    FLOOD_MUST(x && X509_set_version(x, 2));
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    X509_NAME *name = X509_get_subject_name(x);
    FLOOD_MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                          (const unsigned char *)"localhost", -1, -1, 0));
    FLOOD_MUST(X509_set_issuer_name(x, name) && X509_set_pubkey(x, key));
    static const struct {
        int nid;
        const char *value;
    } ext[] = {{NID_basic_constraints, "critical,CA:TRUE"},
               {NID_subject_alt_name, "DNS:localhost"}};
    for (size_t i = 0; i < sizeof ext / sizeof *ext; i++) {
        X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, ext[i].nid, ext[i].value);
        FLOOD_MUST(e && X509_add_ext(x, e, -1));
        X509_EXTENSION_free(e);
    }
    FLOOD_MUST(X509_sign(x, key, EVP_sha256()));
    return x;
}

static char flood_ca_file[] = "/tmp/bench-socket-XXXXXX"; /* goes when the process ends */

static inline void flood_forget(void)
{
    unlink(flood_ca_file);
}

static inline SSL_CTX *flood_tls(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FLOOD_MUST(key);
    X509 *cert = flood_certificate(key);
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    FLOOD_MUST(c && SSL_CTX_use_certificate(c, cert) && SSL_CTX_use_PrivateKey(c, key));
    int fd = mkstemp(flood_ca_file);
    atexit(flood_forget);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    FLOOD_MUST(f && PEM_write_X509(f, cert));
    FLOOD_MUST(fclose(f) == 0);
    X509_free(cert);
    EVP_PKEY_free(key);
    return c;
}

/* --- texts as frames --- */

/* RFC 6455 section 5.2: FIN and text, the length in 7, 16 or 64 bits, no mask. */
static inline size_t flood_header(unsigned char *to, size_t len)
{
    unsigned extra = len < 126 ? 0 : len < 65536 ? 2 : 8;
    to[0] = 0x81;
    to[1] = extra == 0 ? (unsigned char)len : extra == 2 ? 126 : 127;
    for (unsigned i = 0; i < extra; i++)
        to[2 + i] = (unsigned char)(len >> 8 * (extra - 1 - i));
    return 2 + extra;
}

/* The texts move into the wire, so that renumbering changes what is sent. */
static inline void flood_wire(struct flood_server *s)
{
    s->wire = malloc(s->made->len + 10 * (size_t)s->made->n);
    FLOOD_MUST(s->wire);
    for (int k = 0; k < s->made->n; k++) {
        struct vframe *f = &s->made->f[k];
        s->len += flood_header(s->wire + s->len, f->len);
        char *to = (char *)s->wire + s->len;
        memcpy(to, f->text, f->len);
        for (int j = 0; j < 3 && f->id_at[j]; j++)
            f->id_at[j] = to + (f->id_at[j] - f->text);
        f->text = to;
        s->len += f->len;
    }
}

/* --- one client --- */

static inline bool flood_send(SSL *c, const unsigned char *p, size_t n)
{
    while (n > 0) {
        int sent = SSL_write(c, p, (int)(n < FLOOD_WRITE ? n : FLOOD_WRITE));
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* Reads the request, answers it as RFC 6455 section 4.2.2 says; the passes asked for, or 0. */
static inline int flood_upgrade(SSL *c, bool *live)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char in[4096], key[128], word[8], out[256];
    unsigned char sha[EVP_MAX_MD_SIZE], accept[64];
    int len = 0, passes = 0;
    in[0] = 0;
    while (!strstr(in, "\r\n\r\n")) {
        int n = len < (int)sizeof in - 1 ? SSL_read(c, in + len, (int)sizeof in - 1 - len) : 0;
        if (n <= 0)
            return 0;
        len += n;
        in[len] = 0;
    }
    const char *at = strcasestr(in, "\r\nSec-WebSocket-Key: ");
    if (!at || sscanf(in, "GET /%7[a-z]/%d", word, &passes) != 2 ||
        sscanf(at + 21, "%60[^\r]", key) != 1)
        return 0;
    *live = strcmp(word, "live") == 0;
    size_t n = strlen(key);
    memcpy(key + n, guid, sizeof guid);
    FLOOD_MUST(EVP_Digest(key, n + sizeof guid - 1, sha, NULL, EVP_sha1(), NULL));
    EVP_EncodeBlock(accept, sha, 20);
    snprintf(out, sizeof out,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\n\r\n",
             (char *)accept);
    return flood_send(c, (const unsigned char *)out, strlen(out)) ? passes : 0;
}

static inline void flood_client(struct flood_server *s, int fd)
{
    bool live = false, ok = true;
    SSL *c = SSL_new(s->tls);
    FLOOD_MUST(c && SSL_set_fd(c, fd));
    int passes = SSL_accept(c) == 1 ? flood_upgrade(c, &live) : 0;
    for (int i = 0; ok && i < passes; i++) {
        if (live && s->passes_live++ > 0)
            vframes_renumber(s->made);
        ok = flood_send(c, s->wire, s->len);
    }
    (void)SSL_shutdown(c);
    SSL_free(c);
    close(fd);
}

/* --- the process --- */

static inline void flood_serve(struct flood_server *s, int listener)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    alarm(FLOOD_ALARM_S);
    flood_pin(0);
    flood_wire(s);
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;)
        flood_client(s, fd);
    _exit(0);
}

/* The texts stay the caller's: the server works on its own copy. */
static inline void flood_start(struct flood *f, struct vframes *made)
{
    struct flood_server s = {.made = made, .tls = flood_tls()};
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FLOOD_MUST(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 4) == 0);
    FLOOD_MUST(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
    f->port = ntohs(a.sin_port);
    f->ca_file = flood_ca_file;
    fflush(stdout);
    f->pid = fork();
    FLOOD_MUST(f->pid >= 0);
    if (f->pid == 0)
        flood_serve(&s, fd);
    close(fd);
    SSL_CTX_free(s.tls);
}

static inline void flood_stop(struct flood *f)
{
    kill(f->pid, SIGTERM);
    waitpid(f->pid, NULL, 0);
}

#endif
