/*
 * service: what systemd is told, when it has started this worker and the
 * build knows it; otherwise nothing.
 */
#ifndef SERVICE_H
#define SERVICE_H

void service_ready(void);
/** service_alive - called by each turn of the loop */
void service_alive(void);
void service_stopping(void);

#endif
