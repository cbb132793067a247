/*
 * mail_confine: what the child that parses foreign bytes may do.
 *
 * No new file, no new process, no core, 256 MB, a few seconds; and where
 * the kernel can, a list of the system calls that memory and a pipe need.
 * What is not on it fails with EPERM, so that a library which would like to
 * look at a file merely does without. Sanitizers need more than all this
 * allows: their builds skip it.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "mail_child.h"

#define MEMORY_BYTES (256u << 20)
#define HEADROOM_BYTES (192u << 20)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFINE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define CONFINE 0
#endif
#endif
#ifndef CONFINE
#define CONFINE 1
#endif

/* The slowest hostile message known takes one; sanitizers take longer. */
#define SECONDS_A_MESSAGE (CONFINE ? 2 : 20)

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#if CONFINE && defined(ARCHITECTURE)
#define ALLOW(number)                                                          \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                   \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void filter_calls(void)
{
	static struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		ALLOW(__NR_read),
		ALLOW(__NR_write),
		ALLOW(__NR_brk),
		ALLOW(__NR_mmap),
		ALLOW(__NR_munmap),
		ALLOW(__NR_mremap),
		ALLOW(__NR_mprotect),
		ALLOW(__NR_madvise),
		ALLOW(__NR_futex),
		ALLOW(__NR_setitimer),
		ALLOW(__NR_clock_gettime),
		ALLOW(__NR_gettimeofday),
		ALLOW(__NR_getrandom),
		ALLOW(__NR_rt_sigreturn),
		ALLOW(__NR_rt_sigprocmask),
		ALLOW(__NR_lseek),
		ALLOW(__NR_close),
		ALLOW(__NR_getpid),
		ALLOW(__NR_gettid),
		ALLOW(__NR_tgkill),
		ALLOW(__NR_sched_yield),
		ALLOW(__NR_exit),
		ALLOW(__NR_exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	static const struct sock_fprog program = {
		.len = sizeof(rules) / sizeof(*rules),
		.filter = rules,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static void filter_calls(void)
{
}
#endif

#if CONFINE
static void limit(int resource, rlim_t most)
{
	const struct rlimit both = { most, most };

	setrlimit(resource, &both);
}

/* Threads of the parent's, long gone here, may have taken address space. */
static rlim_t memory(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;
	rlim_t now;

	if (!file)
		return MEMORY_BYTES;
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	now = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
	return now + HEADROOM_BYTES > MEMORY_BYTES ? now + HEADROOM_BYTES
						   : MEMORY_BYTES;
}
#endif

void mail_child_confine(void)
{
#if CONFINE
	limit(RLIMIT_AS, memory());
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NPROC, 0);
	limit(RLIMIT_NOFILE, 0);
#endif
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	filter_calls();
}

void mail_child_watch(void)
{
	const struct itimerval most = {
		.it_value.tv_sec = SECONDS_A_MESSAGE,
	};

	/* SIGPROF ends the process, which the parent understands. */
	setitimer(ITIMER_PROF, &most, NULL);
}
