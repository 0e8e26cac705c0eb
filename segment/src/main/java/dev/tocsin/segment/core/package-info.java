/**
 * What span and log segments share: where their items come from, in which order they are kept,
 * their ids and attributes.
 */
@NullMarked
package dev.tocsin.segment.core;

import org.jspecify.annotations.NullMarked;
