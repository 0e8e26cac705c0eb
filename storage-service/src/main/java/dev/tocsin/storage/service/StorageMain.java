package dev.tocsin.storage.service;

import dev.tocsin.common.runtime.ServiceMain;

/** Runs storage-service alone. */
public final class StorageMain {
  private StorageMain() {}

  public static void main(String[] args) {
    new ServiceMain<>("storage-service", StorageConfig::from, StorageService::create).run(args);
  }
}
