/* What would be on the disk if the power went now.

   Preloaded into the bot, this notes every successful fsync and fdatasync in $SYNCED/log, and keeps
   the file as it was then under its own name in $SYNCED. Whatever was written since is missing
   there, as after a power cut. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void copy(int from, const char *target)
{
    char block[65536];
    off_t at = 0;
    ssize_t count;
    int to = open(target, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (to < 0)
        return;
    /* Read through the descriptor that is there: to open and close the file once more would let go
       of SQLite's locks. */
    while ((count = pread(from, block, sizeof block, at)) > 0) {
        if (write(to, block, count) != count)
            break;
        at += count;
    }
    close(to);
}

static void note(const char *folder, const char *name)
{
    char path[8192], line[4096];
    int length = snprintf(line, sizeof line, "synced %s\n", name);
    snprintf(path, sizeof path, "%s/log", folder);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0)
        return;
    if (write(log, line, length) != length)
        abort();
    close(log);
}

static void keep(int file)
{
    char link[64], path[4096], target[8192], finished[8192];
    struct stat status;
    const char *folder = getenv("SYNCED");
    if (!folder || fstat(file, &status) || !S_ISREG(status.st_mode))
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return;
    path[length] = 0;
    const char *name = strrchr(path, '/') + 1;
    snprintf(target, sizeof target, "%s/.%s.%d", folder, name, (int)gettid());
    snprintf(finished, sizeof finished, "%s/%s", folder, name);
    copy(file, target);
    rename(target, finished);
    note(folder, name);
}

static int synced(const char *name, int file)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = real(file);
    if (!result)
        keep(file);
    return result;
}

int fsync(int file) { return synced("fsync", file); }
int fdatasync(int file) { return synced("fdatasync", file); }
