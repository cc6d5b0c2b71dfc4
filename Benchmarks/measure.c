/* measure COMMAND [ARGUMENT...]
 *
 * Runs the command with its output thrown away and prints what it cost, on one line:
 *
 *     wall time (us), user time (us), system time (us), peak resident set (KiB), wait status
 *
 * In C because the peak of a child counts from the fork: below a Python parent it would be Python's. Processes that the
 * command leaves behind are waited for and counted too: a browser is a dozen of them. The peak is that of the largest. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

int main(int argc, char **argv)
{
    if (argc < 2) return 64;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return 71;
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    if (child < 0) return 71;
    if (child == 0) {
        int nowhere = open("/dev/null", O_RDWR);
        if (nowhere < 0 || dup2(nowhere, 0) < 0 || dup2(nowhere, 1) < 0 || dup2(nowhere, 2) < 0) _exit(126);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    int status = 0;
    for (;;) {
        int other;
        pid_t ended = wait(&other);
        if (ended < 0 && errno == ECHILD) break;
        if (ended != child) continue;
        status = other;
        clock_gettime(CLOCK_MONOTONIC, &end);
    }
    struct rusage usage;
    if (getrusage(RUSAGE_CHILDREN, &usage) != 0) return 71;
    long long wall = (end.tv_sec - start.tv_sec) * 1000000LL + (end.tv_nsec - start.tv_nsec) / 1000;
    printf("%lld %lld %lld %ld %d\n", wall, microseconds(usage.ru_utime), microseconds(usage.ru_stime),
           usage.ru_maxrss, status);
    return 0;
}
