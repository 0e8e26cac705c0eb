/**
 * The topic of rules, written and followed; shares groups between processes, and restores the
 * states of alerts for whoever takes a group over.
 */
@NullMarked
package dev.tocsin.alert.rules.follow;

import org.jspecify.annotations.NullMarked;
