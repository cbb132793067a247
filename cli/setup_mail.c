/*
 * setup_mail: the lines that this machine's mail server wants, with this
 * installation's own paths, addresses and user filled in.
 */
#include "setup.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOOK_USER "soundings-mail"

/* Whose address it is, as far as is known: the first that was set up. */
static char *own_address(const struct sdg_home *home)
{
	struct sdg_consultation future = { 0 };
	struct sdg_store *store = NULL;
	char *address;

	if (sdg_store_open(home, SDG_STORE_READ, &store, NULL) < 0 ||
	    sdg_consultation_get(store, "future", &future, NULL) < 0)
		future.addresses[0] = '\0';
	sdg_store_close(store);
	future.addresses[strcspn(future.addresses, " ")] = '\0';
	address = strchr(future.addresses, '@')
		      ? xstrdup(future.addresses)
		      : xstrdup("future@association.example");
	return address;
}

static char *hook_user(void)
{
	const struct passwd *me;

	if (getpwnam(HOOK_USER) && getgrnam(HOOK_USER))
		return xstrdup(HOOK_USER);
	me = getpwuid(getuid());
	return xstrdup(me ? me->pw_name : "nobody");
}

static void show_postfix(const char *hook, const char *home, const char *user,
			 const char *address)
{
	printf("5. Postfix is here. The mailbox stays, and the hook becomes a "
	       "second recipient.\n"
	       "   /etc/postfix/master.cf:\n\n"
	       "soundings unix - n n - 2 pipe\n"
	       "  flags=DRXhq user=%s:%s null_sender= directory=%s\n"
	       "  argv=%s --home=%s --sender=${sender} "
	       "--recipient=${original_recipient} --queue-id=${queue_id}\n\n",
	       user, user, home, hook, home);
	printf(
	    "   /etc/postfix/main.cf:\n\n"
	    "virtual_alias_maps = hash:/etc/postfix/virtual\n"
	    "transport_maps = hash:/etc/postfix/transport\n"
	    "relay_domains = $mydestination, soundings.invalid\n"
	    "soundings_destination_recipient_limit = 1\n"
	    "soundings_time_limit = 60s\n\n"
	    "   /etc/postfix/virtual and /etc/postfix/transport, a line "
	    "each:\n\n"
	    "%s    %s, future@soundings.invalid\n"
	    "soundings.invalid    soundings:\n\n"
	    "   Then: postmap /etc/postfix/virtual /etc/postfix/transport && "
	    "postfix reload\n",
	    address, address);
}

static void show_exim(const char *hook, const char *home, const char *user,
		      const char *address)
{
	printf("5. Exim is here. The mailbox stays; this router, before its "
	       "own, is unseen:\n\n"
	       "soundings_router:\n  driver = accept\n"
	       "  local_parts = %.*s\n  transport = soundings_pipe\n"
	       "  unseen\n\n   and among the transports:\n\n",
	       (int)strcspn(address, "@"), address);
	printf(
	    "soundings_pipe:\n  driver = pipe\n  command = %s --home=%s\n"
	    "  user = %s\n  group = %s\n  current_directory = %s\n"
	    "  home_directory = %s\n  umask = 077\n  return_path_add\n"
	    "  envelope_to_add\n  log_output\n  timeout = 60s\n"
	    "  timeout_defer\n  temp_errors = *\n  freeze_exec_fail\n"
	    "  freeze_signal\n\n"
	    "   Then: update-exim4.conf && systemctl reload exim4 (Debian)\n",
	    hook, home, user, user, home, home);
}

static bool here(const char *name)
{
	const char *etc = getenv("SOUNDINGS_ETC");
	char *path = xformat("%s/%s", etc && *etc ? etc : "/etc", name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

void setup_show_mail_system(const struct sdg_home *home)
{
	char *address = own_address(home), *user = hook_user();
	char hook[SDG_PATH_MAX];

	if (sdg_program_path("soundings-mail", hook, NULL) < 0)
		strcpy(hook, "soundings-mail");
	if (here("postfix/master.cf"))
		show_postfix(hook, home->root, user, address);
	else if (here("exim4") || here("exim"))
		show_exim(hook, home->root, user, address);
	else
		printf(
		    "5. Neither Postfix nor Exim is here. Whatever takes in "
		    "the mail runs\n\n%s --home=%s\n\n   with the message "
		    "on its standard input, as user %s: lines for OpenSMTPD, "
		    "procmail,\n   Sieve and fetchmail are in "
		    "/usr/share/doc/soundings/mail (packaging/ in a clone).\n",
		    hook, home->root, user);
	puts("   What it does on every failure is in the README.md there: a "
	     "mail is never bounced.\n   'soundings doctor' sees whether it "
	     "is wired.");
	free(address);
	free(user);
}
