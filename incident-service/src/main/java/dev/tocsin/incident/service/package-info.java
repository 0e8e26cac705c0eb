/**
 * Turns alerts into incidents and escalates them until a person answers: its configuration, its
 * main and how all parts are put together. One package because this is the place where every other
 * one is known.
 */
@NullMarked
package dev.tocsin.incident.service;

import org.jspecify.annotations.NullMarked;
