/**
 * What the service is made of: its configuration, its main and how all parts are put together. It
 * uses nearly every package, and none uses it.
 */
@NullMarked
package dev.tocsin.storage.service;

import org.jspecify.annotations.NullMarked;
