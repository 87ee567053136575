package contacts

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// meaning is what a column of a table has.
type meaning int

const (
	meansNothing meaning = iota
	meansName
	meansGiven
	meansMiddle
	meansFamily
	meansNick
	meansCompany
	meansNote
	meansGroups // which say who is a favourite
	meansFavourite
	meansUID
	meansAddress
	meansLabel // of the address with the same number
)

// column is one of a table, by its header.
type column struct {
	means  meaning
	label  string // of an address, where the header says it
	number string // of "Phone 2 - Value" and "Phone 2 - Label"
	loose  bool   // of an address: its header is a label alone, such as "Work", so that only numbers in it count
}

// columnOf reads a header as Google, Outlook, Thunderbird, MicroSIP, telephones and people write it, in the languages
// of Outlook.
func columnOf(header string) column {
	header = norm.NFKC.String(header) // a Mac writes é as two characters, a Japanese keyboard Ｎａｍｅ
	if c := columnOfWords(wordsOf(header)); c.means != meansNothing {
		return c
	}
	return columnOfWords(wordsOf(apart(header)))
}

// apart parts words and numbers that are written together: BusinessFax2.
func apart(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		if unicode.IsUpper(r) && unicode.IsLower(last) || unicode.IsDigit(r) && unicode.IsLetter(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

func columnOfWords(words []string) column {
	is := func(any ...string) bool { return slices.Contains(any, strings.Join(words, " ")) }
	has := func(any ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(any, w) })
	}
	switch {
	case is("name", "display name", "displayname", "full name", "fullname", "fn", "file as", "anzeigename",
		"angezeigter name",
		"contact", "contact name", "kontakt", "nom complet", "nom affiché", "nombre completo", "nome completo", "naam",
		"weergavenaam", "nome visualizzato", "nombre para mostrar", "имя", "nazwa", "navn", "namn", "nimi", "名前",
		"氏名", "姓名", "名字", "이름", "성명", "ad soyad", "név", "teljes név", "nume complet", "nume și prenume", "ime",
		"ime i prezime", "ime in priimek", "jméno a příjmení", "meno", "meno a priezvisko", "imię i nazwisko", "фио",
		"піб", "ім я", "име", "име и фамилия", "όνομα", "ονοματεπώνυμο", "vardas", "vārds", "nafn", "tên", "họ tên",
		"họ và tên", "nama", "nama lengkap", "שם", "שם מלא", "اسم", "الاسم", "الاسم الكامل", "نام", "नाम", "ชื่อ"):
		return column{means: meansName}
	case is("first name", "firstname", "given name", "givenname", "vorname", "prénom", "prenom", "nombre", "nome",
		"voornaam",
		"imię", "first", "förnamn", "fornavn", "etunimi", "ad", "adı", "jméno", "名", "primeiro nome", "keresztnév",
		"utónév", "prenume", "eesnimi", "nama depan", "שם פרטי", "الاسم الأول"):
		return column{means: meansGiven}
	case is("middle name", "middlename", "additional name", "weitere vornamen", "zweiter vorname", "deuxième prénom",
		"segundo nombre", "secondo nome"):
		return column{means: meansMiddle}
	case is("last name", "lastname", "family name", "familyname", "surname", "nachname", "familienname", "nom",
		"apellidos",
		"apellido", "cognome", "achternaam", "sobrenome", "nazwisko", "фамилия", "last", "apelido", "apelidos",
		"efternamn", "efternavn", "etternavn", "sukunimi", "soyad", "soyadı", "příjmení", "姓", "vezetéknév",
		"családnév", "nume", "nume de familie", "prezime", "priimek", "priezvisko", "прізвище", "презиме", "επώνυμο",
		"επίθετο", "pavardė", "uzvārds", "perekonnanimi", "cognoms", "nama belakang", "họ", "שם משפחה", "اسم العائلة",
		"نام خانوادگی", "นามสกุล"):
		return column{means: meansFamily}
	case is("nickname", "nick", "spitzname", "surnom", "apodo"):
		return column{means: meansNick}
	case is("company", "organization name", "organization", "organisation", "organization 1 name", "company name",
		"firma",
		"unternehmen", "société", "empresa", "società", "azienda", "bedrijf", "organización", "entreprise", "företag",
		"virksomhed", "şirket", "společnost", "компания", "организация", "会社", "会社名", "公司", "회사"):
		return column{means: meansCompany}
	case is("notes", "note", "comment", "comments", "notizen", "notiz", "bemerkung", "remarques", "notas", "nota",
		"opmerkingen", "note e", "info", "notatki", "anteckningar", "noter", "notater", "poznámky", "notlar",
		"заметки", "примечания", "備考", "メモ", "备注", "備註", "메모"):
		return column{means: meansNote}
	case is("labels", "group membership", "groups", "group", "categories", "kategorien", "catégories", "categorías",
		"tags"):
		return column{means: meansGroups}
	case is("favourite", "favorite", "starred", "favorit", "favori", "favorito", "preferito", "stern"):
		return column{means: meansFavourite}
	case is("uid"):
		return column{means: meansUID}
	}
	return addressColumn(words, has)
}

// addressColumn reads the header of a number or SIP address.
func addressColumn(words []string, has func(...string) bool) column {
	var number string
	for _, w := range words {
		if isDigits(w) {
			number = w
		}
	}
	if isOfElse(words) {
		return column{}
	}
	phone := has("phone", "phones", "tel", "telephone", "telefon", "telefonnummer", "telefono", "teléfono", "téléphone",
		"telefone", "telefoon", "telefonnr", "rufnummer", "nummer", "number", "numbers", "phonenumber", "numéro",
		"número",
		"numero", "mobile", "mobil", "mobiltelefon", "mobilnummer", "cell", "cellular", "handy", "móvil", "movil",
		"portable",
		"cellulare", "celular", "mobiel", "fax", "faxnummer", "télécopie", "pager", "sip", "extension", "durchwahl",
		"uri",
		"телефон", "мобильный", "numer", "gsm", "dial", "tél", "telemóvel", "telemovel", "telefonu", "puhelin",
		"voip", "landline", "sipaddress", "sipuri", "iphone", "haupttelefon", "autotelefon", "diensttelefon",
		"privattelefon", "festnetz", "festnetznummer", "電話", "電話番号", "電話號碼", "电话", "电话号码", "携帯", "携帯電話", "携帯番号", "手机",
		"手机号", "手机号码", "手機", "行動電話", "移动电话", "전화", "전화번호", "휴대폰", "휴대전화", "핸드폰", "telefonszám", "τηλέφωνο",
		"τηλ", "κινητό", "тел", "номер", "телефонен", "мобільний", "мобилен", "broj", "mobitel", "telefón", "telèfon",
		"mòbil", "telefonas", "tālrunis", "mobilusis", "telepon", "ponsel", "thoại", "động", "sími", "farsími",
		"טלפון", "נייד", "هاتف", "الهاتف", "جوال", "الجوال", "موبايل", "موبایل", "تلفن", "फोन", "फ़ोन",
		"मोबाइल", "โทรศัพท์",
		"เบอร์โทร", "เบอร์โทรศัพท์", "มือถือ")
	company := has("number", "numéro", "nummer") && has("customer", "account", "employee", "id", "house", "kunden",
		"room",
		"tax")
	whole := labelOf(strings.Join(words, " "))
	switch {
	case !phone && whole != "":
		return column{means: meansAddress, label: whole, number: number, loose: true}
	case !phone || company:
		return column{}
	case has("label", "type", "typ", "service"):
		return column{means: meansLabel, number: number}
	}
	var telling []string
	for _, w := range words {
		if labelOf(w) != "" {
			telling = append(telling, w)
		}
	}
	return column{means: meansAddress, label: labelOf(strings.Join(telling, " ")), number: number}
}

// isOfElse tells a header of what is no name, number or address to be called.
func isOfElse(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{
			"mail", "email", "e", "mails", "street", "city", "zip", "postal", "country", "web", "website", "url",
			"domain", "straße", "ort", "land", "plz", "birthday", "presence", "tty", "ttytdd", "telex", "isdn", "code",
			"region", "state", "box", "pobox", "calendar", "relation", "event", "custom", "hörbehinderte",
		}, w)
	})
}

// columnsOf reads a row as headers. ok tells that it is one: it says where addresses stand, or at least where one is,
// or where names and what may be numbers are.
func columnsOf(fields []string) (columns []column, ok bool) {
	named, loose := false, false
	for _, f := range fields {
		c := columnOf(f)
		if _, err := ReadAddress(f); err == nil && strings.ContainsAny(f, "0123456789@") && !strings.ContainsAny(f,
			"-") {
			if c.means == meansAddress && labelOf(f) == "" {
				c = column{} // a number, no name of a column
			}
		}
		ok = ok || c.means == meansAddress && !c.loose
		named = named || c.means >= meansName && c.means <= meansNick
		loose = loose || c.loose
		columns = append(columns, c)
	}
	if ok || named && loose {
		return columns, true
	}
	for i, f := range fields { // "Name, Address": where nothing else is one, that is it
		switch strings.Join(wordsOf(f), " ") {
		case "address", "adresse", "dirección", "indirizzo", "adres", "value", "contact address":
			columns[i] = column{means: meansAddress}
			return columns, true
		}
	}
	return columns, false
}

// columnsWithout guesses the columns of a table without headers by a row: what can be called, and the first text beside
// it.
func columnsWithout(fields []string) (columns []column, ok bool) {
	columns = make([]column, len(fields))
	named := false
	for i, f := range fields {
		digits := strings.ContainsAny(f, "0123456789")
		_, err := ReadAddress(f)
		switch {
		case err == nil && (digits || strings.Contains(f, "@")) && !isDigitsShort(f):
			columns[i], ok = column{means: meansAddress}, true
		case !named && strings.TrimSpace(f) != "":
			columns[i], named = column{means: meansName}, true
		}
	}
	return columns, ok
}

// isDigitsShort tells the number of a row, which is no telephone's.
func isDigitsShort(s string) bool { return isDigits(s) && len(s) < 3 }
