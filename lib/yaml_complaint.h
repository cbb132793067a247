/*
 * yaml_complaint: what libcyaml found wrong with a file, and on which line.
 *
 * It says so to a logger alone: load by sdg_yaml_config(), and ask here. Not
 * installed.
 */
#ifndef YAML_COMPLAINT_H
#define YAML_COMPLAINT_H

#include <stdarg.h>

#include <cyaml/cyaml.h>

#include <soundings/error.h>

/* The first fault, and the first place, which is the innermost. */
struct sdg_yaml_complaint {
	char what[SDG_ERROR_SIZE]; /* empty: it said nothing */
	unsigned line;             /* 0: it cannot be told */
};

/** sdg_yaml_listen - a cyaml_log_fn_t; @arg is a complaint, zero at first */
void sdg_yaml_listen(cyaml_log_t level, void *arg, const char *fmt,
		     va_list args);

/** sdg_yaml_config - how to load: without aliases, faults going to
 *  @complaint, which is zero at first */
static inline cyaml_config_t
sdg_yaml_config(struct sdg_yaml_complaint *complaint)
{
	return (cyaml_config_t){ .log_fn = sdg_yaml_listen,
				 .log_ctx = complaint,
				 .log_level = CYAML_LOG_ERROR,
				 .mem_fn = cyaml_mem,
				 .flags = CYAML_CFG_NO_ALIAS };
}

/** sdg_yaml_line_of - on which line of @text key @key stands first; 0: on none
 */
unsigned sdg_yaml_line_of(const char *text, const char *key);

/** sdg_yaml_line - on which line of @text, the whole file, the fault is */
unsigned sdg_yaml_line(const struct sdg_yaml_complaint *complaint,
		       const char *text);

#endif
