/* test_clients: who is authorized, and that one bad line lets nobody in. */
#include "test.h"

#include <soundings/clients.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_A "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define KEY_B "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/soundings-test-clients-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const names[] = { "clients", "clients.lock",
					     "curve.key", "me.key" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	return rmdir(dir);
}

static void test_clients_revoked_stay_known(void **state)
{
	struct sdg_clients *clients = NULL;
	struct sdg_error err = { 0 };
	const struct sdg_client *found;

	(void)state;
	assert_ok(sdg_clients_open(dir, &clients, &err), err);
	assert_int_equal(sdg_clients_count(clients), 0);
	assert_ok(sdg_clients_authorize(dir, "jane.doe", SDG_CLIENT_REP, KEY_A,
					1000, &err),
		  err);
	assert_ok(sdg_clients_refresh(clients, &err), err);
	found = sdg_clients_find(clients, KEY_A);
	assert_non_null(found);
	assert_string_equal(found->name, "jane.doe");
	assert_int_equal(found->role, SDG_CLIENT_REP);
	assert_null(sdg_clients_find(clients, KEY_B));

	assert_ok(sdg_clients_revoke(dir, "jane.doe", 2000, &err), err);
	assert_ok(sdg_clients_refresh(clients, &err), err);
	assert_int_equal(sdg_clients_find(clients, KEY_A)->revoked, 2000);
	/* The name may have another key, but never that one again. */
	assert_fails(sdg_clients_authorize(dir, "jane.doe", SDG_CLIENT_REP,
					   KEY_A, 3000, &err),
		     SDG_EINVAL, err);
	assert_ok(sdg_clients_authorize(dir, "jane.doe", SDG_CLIENT_REP, KEY_B,
					3000, &err),
		  err);
	assert_fails(sdg_clients_revoke(dir, "nobody", 1, &err), SDG_ENOTFOUND,
		     err);
	sdg_clients_close(clients);
}

static void test_clients_refuse_two_keys_of_a_name(void **state)
{
	struct sdg_error err = { 0 };

	(void)state;
	assert_ok(sdg_clients_authorize(dir, "mail-1", SDG_CLIENT_MAIL, KEY_A,
					1, &err),
		  err);
	assert_fails(sdg_clients_authorize(dir, "mail-1", SDG_CLIENT_MAIL,
					   KEY_B, 1, &err),
		     SDG_EINVAL, err);
	assert_fails(sdg_clients_authorize(dir, "two words", SDG_CLIENT_MAIL,
					   KEY_B, 1, &err),
		     SDG_EINVAL, err);
	assert_fails(
	    sdg_clients_authorize(dir, "b", SDG_CLIENT_MAIL, "short", 1, &err),
	    SDG_EINVAL, err);
}

static void test_clients_one_bad_line_lets_nobody_in(void **state)
{
	struct sdg_clients *clients = NULL;
	struct sdg_error err = { 0 };
	char path[128];
	FILE *to;

	(void)state;
	assert_ok(
	    sdg_clients_authorize(dir, "a", SDG_CLIENT_REP, KEY_A, 1, &err),
	    err);
	assert_ok(sdg_clients_open(dir, &clients, &err), err);
	snprintf(path, sizeof(path), "%s/clients", dir);
	to = fopen(path, "a");
	assert_non_null(to);
	fputs("b rep " KEY_B " 1\n", to);
	fclose(to);
	assert_fails(sdg_clients_refresh(clients, &err), SDG_EINVAL, err);
	assert_non_null(strstr(err.message, "line 3"));
	assert_null(sdg_clients_find(clients, KEY_A));
	sdg_clients_close(clients);
}

static void test_clients_key_file_is_private_and_final(void **state)
{
	struct sdg_curve_key key = { 0 }, again, server, same;
	struct sdg_error err = { 0 };
	struct stat st;
	char path[128];

	(void)state;
	assert_ok(sdg_curve_key_server(dir, &server, &err), err);
	assert_ok(sdg_curve_key_server(dir, &same, &err), err);
	assert_string_equal(server.secret_key, same.secret_key);

	assert_ok(sdg_curve_key_make(&key, &err), err);
	strcpy(key.name, "jane.doe");
	strcpy(key.server, server.public_key);
	strcpy(key.workers, "tcp://office:5600 tcp://office:5601");
	snprintf(path, sizeof(path), "%s/me.key", dir);
	assert_ok(sdg_curve_key_write(path, &key, &err), err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0400);
	assert_ok(sdg_curve_key_read(path, &again, &err), err);
	assert_memory_equal(&key, &again, sizeof(key));
	assert_fails(sdg_curve_key_write(path, &key, &err), SDG_EINVAL, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_clients_revoked_stay_known,
						make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    test_clients_refuse_two_keys_of_a_name, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(
		    test_clients_one_bad_line_lets_nobody_in, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(
		    test_clients_key_file_is_private_and_final, make_dir,
		    remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
