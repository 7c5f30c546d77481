/* What a disk would still have after a loss of power, for the feeder (`--shadow=DIR`): each file as
 * it was when last synced, under its inode's number, and the folder's names as they were when it
 * was last synced (`names`). Files that were removed since keep theirs as NUMBER.gone. Written
 * before the sync is told to anybody, each by renaming, so that a kill leaves none in parts. */
#ifndef TESTS_STORE_SHADOW_H
#define TESTS_STORE_SHADOW_H

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t shadow_lock = PTHREAD_MUTEX_INITIALIZER;
static const char *shadow; /* NULL = none is kept */

static void shadow_path(char out[300], unsigned long ino, const char *end)
{
    snprintf(out, 300, "%s/%lu%s", shadow, ino, end);
}

static void shadow_file(int fd, const struct stat *st)
{
    char buf[1 << 16], from[40], path[300], whole[300];
    ssize_t n = 0;
    snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
    shadow_path(path, (unsigned long)st->st_ino, ".new");
    shadow_path(whole, (unsigned long)st->st_ino, "");
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    while (in >= 0 && out >= 0 && (n = read(in, buf, sizeof(buf))) > 0)
        if (write(out, buf, (size_t)n) != n)
            _exit(6);
    if (in < 0 || out < 0 || n < 0 || rename(path, whole) != 0)
        _exit(6);
    close(in);
    close(out);
}

static void shadow_names(int fd)
{
    char from[40], path[300], whole[300];
    snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
    snprintf(path, sizeof(path), "%s/names.new", shadow);
    snprintf(whole, sizeof(whole), "%s/names", shadow);
    DIR *d = opendir(from);
    FILE *f = fopen(path, "w");
    if (!d || !f)
        _exit(6);
    for (struct dirent *e; (e = readdir(d));)
        if (strstr(e->d_name, ".spool") || strstr(e->d_name, "-spare"))
            fprintf(f, "%s %lu\n", e->d_name, (unsigned long)e->d_ino);
    closedir(d);
    if (fclose(f) != 0 || rename(path, whole) != 0)
        _exit(6);
}

/* fd was synced. */
static void shadow_synced(int fd)
{
    struct stat st;
    if (!shadow || fstat(fd, &st) != 0)
        return;
    pthread_mutex_lock(&shadow_lock); /* each lane has its jobs in the pool */
    if (S_ISDIR(st.st_mode))
        shadow_names(fd);
    else
        shadow_file(fd, &st);
    pthread_mutex_unlock(&shadow_lock);
}

/* path is about to be removed; its number may soon be another's. */
static void shadow_gone(const char *path)
{
    char from[300], to[300];
    struct stat st;
    if (!shadow || stat(path, &st) != 0)
        return;
    shadow_path(from, (unsigned long)st.st_ino, "");
    shadow_path(to, (unsigned long)st.st_ino, ".gone");
    if (access(from, F_OK) == 0 && rename(from, to) != 0)
        _exit(6);
}

#endif
