/**
 * How questions are run: on bounded threads, with a budget of time and memory each, cancelled down
 * to the statement.
 */
@NullMarked
package dev.tocsin.storage.query;

import org.jspecify.annotations.NullMarked;
