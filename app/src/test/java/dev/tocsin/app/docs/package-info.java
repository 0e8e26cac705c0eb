/**
 * Holds the documents of the repository to what is there, and makes the configuration reference.
 */
@NullMarked
package dev.tocsin.app.docs;

import org.jspecify.annotations.NullMarked;
