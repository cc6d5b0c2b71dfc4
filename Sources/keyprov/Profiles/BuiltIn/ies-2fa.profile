# Log-in to the web pages of the IPI Enterprise Server (the Hideez Enterprise Server under another name) itself.
title: IPI Enterprise Server log-in
role: server

source guide: enterprise-ipi-en.hideez.com, "How to enable two-factor authentication at the IPI Enterprise Server?"
source code: HES 3.8.4 source (2021-07): IdentityController, EnableAuthenticator page
source framework: ASP.NET Core Identity source: UserManager, AuthenticatorTokenProvider

type: totp; others refused [code, framework]
algorithm: SHA1; others refused [framework]
digits: 6; others refused [code, framework]
period: 30; others refused [framework]
secret-bytes: 20; others refused [guide, framework]
qr: uri [code]
recovery-codes: 10 of 8 [guide]

step: Click the profile icon, "Profile", "One-Time Password", "Add OTP app". [guide]
step import: Take the secret over, from a picture of the QR code or as the page shows it (eight groups of four small letters): keyprov import FILE --profile ies-2fa. [guide, code]
step confirm: Enter the key's code and confirm. [guide]
step recovery-codes: Keep the ten recovery codes, which are shown once: with --recovery-codes - they are read after the code, checked, and printed as a list to tick off. [guide]
step log-in: When logging in, enter a code of the key after the password. [guide]
step: To have an IPI Key give the codes, put the same secret into an account: profile ies-account. [guide]

note: Without a key: "One-Time Password", "Log in with a recovery code"; each works once. [guide]
note: Disabling and enabling makes new recovery codes; resetting the app does not. [guide]
note: The server takes the codes of two steps before and after the current one, and locks after ten wrong ones. [framework, code]

unknown: the issuer that later servers write (3.8.4 wrote HES.Web)
unknown: whether later servers still take codes of five steps
unknown: the alphabet of the recovery codes of later servers (3.8.4 gave small hexadecimal digits)
