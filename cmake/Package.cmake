# What is installed beside the programs, and the Debian package. Units name
# their programs in full, and only the installation knows the prefix: they
# are filled in when installing, not when configuring.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/man/
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/man/
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 FILES_MATCHING PATTERN "*.5")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}
        PATTERN "man" EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
        RENAME copyright)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
# The lines for each mail system, which setup and doctor name.
foreach(mail exim fetchmail opensmtpd postfix procmail sieve)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/packaging/${mail}
          DESTINATION ${CMAKE_INSTALL_DOCDIR}/mail)
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/packaging/README.mail.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/mail RENAME README.md)
# bash loads them by the name of the program.
foreach(program soundings soundings-mail soundings-rep soundings-survey)
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/completions/soundings
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
          RENAME ${program})
endforeach()

set(SOUNDINGS_PACKAGING ${PROJECT_SOURCE_DIR}/packaging)
configure_file(${PROJECT_SOURCE_DIR}/cmake/install_units.cmake.in
               ${PROJECT_BINARY_DIR}/install_units.cmake @ONLY)
install(SCRIPT ${PROJECT_BINARY_DIR}/install_units.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME soundings)
set(CPACK_PACKAGE_VENDOR "the Soundings maintainers")
set(CPACK_PACKAGE_CONTACT "the Soundings maintainers <soundings@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
    "counts what an association's members say, by region and theme")
set(CPACK_PACKAGE_DESCRIPTION
"Takes in members' mail, Council representatives' notes and survey
exports, counts every piece once, labels it by region and theme, and
answers who said what, where. One small machine, nothing else needed.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# sysusers and tmpfiles make the users and folders, with or without systemd
# as init.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
    "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${SOUNDINGS_PACKAGING}/debian/preinst
    ${SOUNDINGS_PACKAGING}/debian/postinst
    ${SOUNDINGS_PACKAGING}/debian/prerm
    ${SOUNDINGS_PACKAGING}/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
