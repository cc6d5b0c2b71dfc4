enum KeyProvisionPlaceholder {}
