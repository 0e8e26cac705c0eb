/**
 * What is asked of stored telemetry and what is stored, as questions, answers and the interfaces
 * between those who ask and those who answer. One vocabulary in one place, as questions about
 * traces, logs and metrics share most of it.
 *
 * <p>One package because one vocabulary serves all three signals.
 */
@NullMarked
package dev.tocsin.storage.ports;

import org.jspecify.annotations.NullMarked;
