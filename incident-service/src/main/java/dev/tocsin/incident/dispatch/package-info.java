/** What works by itself: timers that fire, notifications that leave, old rows that go. */
@NullMarked
package dev.tocsin.incident.dispatch;

import org.jspecify.annotations.NullMarked;
