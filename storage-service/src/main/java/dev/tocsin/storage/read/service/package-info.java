/** Questions about services and what they call. */
@NullMarked
package dev.tocsin.storage.read.service;

import org.jspecify.annotations.NullMarked;
