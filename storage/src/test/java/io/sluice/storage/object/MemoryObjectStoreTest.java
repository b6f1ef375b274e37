package io.sluice.storage.object;

/** The model keeps every promise. */
final class MemoryObjectStoreTest extends ObjectStoreContract {
    @Override
    protected ObjectStore openEmptyStore() {
        return new MemoryObjectStore();
    }
}
