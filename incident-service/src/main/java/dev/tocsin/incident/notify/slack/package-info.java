/** Slack by incoming webhook. */
@NullMarked
package dev.tocsin.incident.notify.slack;

import org.jspecify.annotations.NullMarked;
