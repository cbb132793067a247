/* Whether GMime and ZeroMQ link from their archives: cmake/Hook.cmake. */
#include <gmime/gmime.h>
#include <zmq.h>

int main(void)
{
	void *context = zmq_ctx_new();
	void *socket = zmq_socket(context, ZMQ_DEALER);

	g_mime_init();
	return zmq_connect(socket, "ipc:///dev/null") + zmq_poll(NULL, 0, 0) +
	       (g_mime_parser_construct_message(g_mime_parser_new(), NULL) !=
		NULL);
}
