/* SPDX-License-Identifier: ISC */
#include "find.h"
#include "../common/message.h"
#include "../common/suggest.h"
#include "directory.h"
#include "name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool run_is_named(const char *text) {
	return (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
}

/* Takes one run out of the list, and frees the others. */
static void take_out(struct run_list *list, size_t index, struct run_entry *ret) {
	*ret = list->runs[index];
	list->runs[index] = list->runs[--list->count];
	runs_unload(list);
}

static bool find_reference(int store, const char *reference, struct run_entry *ret) {
	struct run_list list;

	if (!runs_load(store, &list))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const char *own = list.runs[i].record.reference;

		if (own && strcmp(own, reference) == 0) {
			take_out(&list, i, ret);
			return true;
		}
	}
	runs_unload(&list);
	return false;
}

static void suggest_name(const struct run_list *list, const char *text) {
	const char **names = calloc(list->count + 1, sizeof *names), *near;

	for (size_t i = 0; names && i < list->count; i++)
		names[i] = list->runs[i].record.name;
	near = names ? suggest(text, names, list->count) : NULL;
	if (near)
		hint("did you mean '%s'?", near);
	else
		hint("'hold list --all' has the names");
	free(names);
}

/* How many names begin with the text; one of them is stored. */
static size_t count_beginnings(const struct run_list *list, const char *text, size_t *ret_index) {
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (strncmp(list->runs[i].record.name, text, strlen(text)) == 0) {
			*ret_index = i;
			count++;
		}
	}
	return count;
}

/* No run has the text for its whole name. */
static bool find_beginning(const char *verb, int store, const char *text, bool may_abbreviate, struct run_entry *ret) {
	struct run_list list;
	size_t index = 0, count;

	if (!runs_load(store, &list)) {
		say("%s: the records of runs: %s", verb, strerror(errno));
		return false;
	}
	count = *text ? count_beginnings(&list, text, &index) : 0;
	if (may_abbreviate && count == 1) {
		take_out(&list, index, ret);
		return true;
	}
	if (may_abbreviate && count > 1) {
		say("%s: '%s': the names of %zu runs begin so", verb, text, count);
	} else {
		say("%s: '%s': no run has this name", verb, text);
		if (count == 1)
			hint("the whole name: '%s'", list.runs[index].record.name);
		else
			suggest_name(&list, text);
	}
	runs_unload(&list);
	return false;
}

bool run_find_in(const char *verb, int store, const char *text, bool may_abbreviate, struct run_entry *ret) {
	if (strchr(text, ':')) {
		if (find_reference(store, text, ret))
			return true;
		say("%s: '%s': no run has this reference", verb, text);
		return false;
	}
	if (!run_name_is_valid(text)) {
		say("%s: '%s': neither the name of a run nor a reference", verb, text);
		return false;
	}
	if (store != STORE_NONE && run_load(store, text, ret))
		return true;
	if (store == STORE_NONE || errno == ENOENT)
		return find_beginning(verb, store, text, may_abbreviate, ret);
	say("%s: '%s': %s", verb, text,
	    errno == EPROTO   ? "its record is of another version of hold"
	    : errno == EINVAL ? "its record cannot be read"
			      : strerror(errno));
	return false;
}

bool run_find(const char *verb, const char *text, bool may_abbreviate, struct run_entry *ret) {
	const int store = store_look(verb);
	bool found;

	if (store == -1)
		return false;
	found = run_find_in(verb, store, text, may_abbreviate, ret);
	if (store >= 0)
		close(store);
	return found;
}

bool run_find_reference(const char *reference, struct run_entry *ret) {
	const int store = store_look(NULL);
	const bool found = store >= 0 && find_reference(store, reference, ret);

	if (store >= 0)
		close(store);
	return found;
}
