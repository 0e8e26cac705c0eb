/**
 * One rule group and its alerts over time: from what a rule finds to what is to be said of it.
 * Pure.
 */
@NullMarked
package dev.tocsin.alert.evaluate.group;

import org.jspecify.annotations.NullMarked;
