package journal

import "context"

// Suggestion is somebody who may be meant by what is typed.
type Suggestion struct {
	Name      string // "" where it is not known
	Address   string // as it was entered, or as it was called
	URI       string // in full, of somebody who is in the history alone; "" otherwise
	AccountID string // that the last call went by, of somebody who is in the history; "" otherwise
	Label     string // of the address
	ContactID int64  // 0 for somebody who is in the history alone
	Favourite bool
}

// How much is looked at for suggestions.
const (
	mostSuggestions  = 20
	suggestedMatches = 200 // calls
)

// Suggest returns whom a text may mean, at most n (20 at most): contacts, favourites first, and then whom the last
// calls were with. "" asks for favourites and the last calls.
func (j *Journal) Suggest(ctx context.Context, text string, n int) ([]Suggestion, error) {
	n = min(max(n, 1), mostSuggestions)
	var found []Suggestion
	seen := map[string]bool{}
	add := func(s Suggestion) {
		if person := Person(s.Address); len(found) < n && s.Address != "" && !seen[person] {
			seen[person] = true
			found = append(found, s)
		}
	}
	for _, q := range []ContactQuery{{Text: text, Favourite: true, Limit: n}, {Text: text, Limit: n}} {
		if text == "" && !q.Favourite {
			continue
		}
		people, _, err := j.Contacts(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, c := range people {
			for _, a := range c.meant(text) {
				add(Suggestion{
					Name: c.Name, Address: a.Address, Label: a.Label, ContactID: c.ID, Favourite: c.Favourite,
				})
			}
		}
	}
	calls, _, err := j.Calls(ctx, CallQuery{Text: text, Limit: suggestedMatches})
	if err != nil {
		return nil, err
	}
	for _, c := range calls {
		if c.URI != "" {
			add(Suggestion{Name: c.Name, Address: c.Address, URI: c.URI, AccountID: c.AccountID})
		}
	}
	return found, nil
}

// meant are the addresses of a contact that a text may mean: those that are found by it, or all where its name is.
func (c Contact) meant(text string) []ContactAddress {
	var found []ContactAddress
	for _, a := range c.Addresses {
		if hasDigits(a.Address, text) {
			found = append(found, a)
		}
	}
	if len(found) == 0 {
		return c.Addresses
	}
	return found
}
