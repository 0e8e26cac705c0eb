/**
 * What the service is made of: its configuration, its main and how all parts are put together. It
 * uses nearly every package, and none uses it.
 *
 * <p>One package because this is the place where every other one is known.
 */
@NullMarked
package dev.tocsin.storage.service;

import org.jspecify.annotations.NullMarked;
