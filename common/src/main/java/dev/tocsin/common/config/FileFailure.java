package dev.tocsin.common.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What people are told when a file cannot be had: Java's exceptions often say its name only. */
public final class FileFailure {
  private FileFailure() {}

  /** Why, in a few words and without the file's name; never blank. */
  public static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (failure instanceof AccessDeniedException) {
      return "no permission";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "is there already, and is something else";
    }
    if (failure instanceof NotDirectoryException) {
      return "not a directory";
    }
    if (failure instanceof CharacterCodingException) {
      return "not a text in UTF-8";
    }
    String told =
        failure instanceof FileSystemException onFile ? onFile.getReason() : failure.getMessage();
    return told == null || told.isBlank() ? "cannot be read or written" : told;
  }
}
