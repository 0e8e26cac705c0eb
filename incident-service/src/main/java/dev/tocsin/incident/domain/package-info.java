/**
 * The decisions: what an alert, a timer or a person changes, as pure functions of state, input and
 * time.
 */
@NullMarked
package dev.tocsin.incident.domain;

import org.jspecify.annotations.NullMarked;
