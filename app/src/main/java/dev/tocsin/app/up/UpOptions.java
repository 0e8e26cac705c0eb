package dev.tocsin.app.up;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The options of {@code tocsin up}. */
record UpOptions(boolean demo, Path dataDirectory, int portOffset, @Nullable Path configFile) {}
